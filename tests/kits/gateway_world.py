"""A small world around the gateway: a real ledger, real keys, a tiny real model, and calls without a network."""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper

from kits.questions import SIGNATURE
from secmlops.access.administration import Administration
from secmlops.access.book import AccessBook
from secmlops.access.changes import Change
from secmlops.access.entries import append_changes
from secmlops.access.keys import Narrowing, new_key
from secmlops.core.digest import Digest
from secmlops.core.evidence import Evidence
from secmlops.detect.guard import Guard
from secmlops.gateway.admission import Admission
from secmlops.gateway.alarms import Alarms
from secmlops.gateway.app import ROUTES, build_app
from secmlops.gateway.clients import Clients
from secmlops.gateway.engine import Engine
from secmlops.gateway.fleet import Fleet
from secmlops.gateway.gateway import Gateway
from secmlops.gateway.metrics import Metrics
from secmlops.gateway.recorder import Durability, Recorder
from secmlops.gateway.rights import Rights
from secmlops.gateway.routes import Rule
from secmlops.gateway.served import Served
from secmlops.ledger.book import EvidenceBook
from secmlops.ledger.log import Ledger
from secmlops.runtime.predictor import Predictor
from secmlops.serving.answer import Model
from secmlops.serving.decision import Decider, fallback_scores
from secmlops.serving.limits import Limiter, LimitSettings
from secmlops.serving.networks import Networks
from secmlops.serving.settings import GuardPolicy, ServingSettings
from secmlops.serving.validation import Validator
from secmlops.serving.watch import Watch, WatchSettings
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.roles import KeyRing, Role

T0 = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
ORIGIN = "secmlops.test/gateway"
MAC_KEY = b"m" * 32
UNWATCHED = ServingSettings(
    watch=WatchSettings(enabled=False),
    limits=LimitSettings(rate=1e9, burst=10**9, address_rate=1e9, address_burst=10**9),
)
"""Settings under which one may try many things in a row."""
Headers = Sequence[tuple[str, str]]
EXTRA_SCOPE: dict[str, object] = {}
"""What a connection tells the application beyond ASGI."""


def tiny_model(fragile: bool = False) -> bytes:
    """ONNX model of SIGNATURE: the sigmoid of the sum. A fragile one answers NaN where a number is missing."""
    missing = (
        []
        if fragile
        else [
            helper.make_node("IsNaN", ["numeric"], ["missing"]),
            helper.make_node("Where", ["missing", "zero", "numeric"], ["filled"]),
        ]
    )
    nodes = [
        *missing,
        helper.make_node("LabelEncoder", ["categorical"], ["code"], domain="ai.onnx.ml", keys_strings=["car", "tv"],
                         values_floats=[0.25, -0.25], default_float=0.0),
        helper.make_node("Concat", ["numeric" if fragile else "filled", "code"], ["all"], axis=1),
        helper.make_node("ReduceSum", ["all", "axis"], ["sum"], keepdims=1),
        helper.make_node("Sigmoid", ["sum"], ["bad"]),
        helper.make_node("Sub", ["one", "bad"], ["good"]),
        helper.make_node("Concat", ["good", "bad"], ["probabilities"], axis=1),
    ]  # fmt: skip
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info("numeric", TensorProto.FLOAT, [None, 2]),
            helper.make_tensor_value_info("categorical", TensorProto.STRING, [None, 1]),
        ],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 2])],
        [
            helper.make_tensor("zero", TensorProto.FLOAT, [1], [0.0]),
            helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0]),
            helper.make_tensor("axis", TensorProto.INT64, [1], [1]),
        ],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    serialized: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()
    return serialized


def body_of(income: object = 1.5, amount: object = 0.5, purpose: object = "car", **more: object) -> bytes:
    """Body of a request of one row."""
    tensors = [
        {"name": "income", "shape": [1], "datatype": "FP64", "data": [income]},
        {"name": "amount", "shape": [1, 1], "datatype": "FP32", "data": [[amount]]},
        {"name": "purpose", "shape": [1], "datatype": "BYTES", "data": [purpose]},
    ]
    return json.dumps({"inputs": tensors, **more}).encode()


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Berth:
    """A source of one release that a test replaces, withdraws or spoils."""

    def __init__(self, served: Served) -> None:
        self.served, self.next, self.why, self.spoilt = served, None, "", False

    def load(self) -> Served:
        return self.served

    def newer(self, served: Served) -> Served | None:
        self.next, newer = None, self.next
        return newer

    def obstacle(self, served: Served) -> str:
        return self.why

    def changed(self, served: Served) -> bool:
        return self.spoilt


class GatewayWorld:
    """One gateway in this process. ``now`` is its clock; ``ask`` calls the application as a server would."""

    def __init__(
        self,
        folder: Path,
        *,
        fragile: bool = False,
        rules: tuple[Rule[Gateway], ...] = ROUTES,
        settings: ServingSettings | None = None,
        guard: Guard | None = None,
    ) -> None:
        self.folder = folder
        self.now = T0
        self.address = "127.0.0.1"
        self.certificate: str | None = None
        self.settings = settings or ServingSettings()
        self.keys = {role: PrivateKey.generate(Algorithm.ED25519) for role in (Role.LOG, Role.GATEWAY)}
        self.ring = KeyRing()
        for role, key in self.keys.items():
            self.ring = self.ring.with_key(key.public, role, T0 - timedelta(days=1))
        self.ledger = Ledger.open(folder / "ledger.db", self.keys[Role.LOG], ORIGIN)
        self.predictor = Predictor(tiny_model(fragile), SIGNATURE)
        self.guard = guard
        self.served = self.release("3")
        self.berth = Berth(self.served)
        self.book = AccessBook(self.ledger, self.ring, MAC_KEY)
        self.rights = Rights(self.book, lambda: self.now)
        self.traffic = Ledger.open(folder / "traffic.db", self.keys[Role.LOG], f"{ORIGIN}/traffic")
        self.recorder = Recorder(self.traffic, self.ledger, lambda: self.now, Durability(self.settings.audit))
        self.gateway = self._wired()
        self.app = build_app(self.gateway, rules)
        self.runner = asyncio.Runner()
        self.rights.refresh()

    def release(self, version: str) -> Served:
        """The model as another release."""
        policy = self.settings.guard.policy if self.guard else GuardPolicy.OFF
        falls_back = policy is GuardPolicy.FALLBACK
        fallback = fallback_scores(SIGNATURE, self.settings.guard.fallback) if falls_back else None
        return Served(
            "credit",
            version,
            Digest.of(f"release {version}".encode()),
            self.predictor,
            Decider(self.predictor, self.guard, policy, fallback),
            Validator(SIGNATURE, self.settings.validation),
            Model("credit", version, SIGNATURE),
        )

    def evidence(self) -> list[Evidence]:
        """All evidence in the ledger."""
        self.gateway.alarms.flush()
        return [attested.evidence for attested in EvidenceBook(self.ledger, self.ring).all()]

    def _wired(self) -> Gateway:
        metrics = Metrics()
        book = EvidenceBook(self.ledger, self.ring)
        alarms = Alarms(book, lambda: self.keys[Role.GATEWAY], lambda: self.now, metrics)
        fleet = Fleet([self.berth], alarms)
        limiter = Limiter(self.settings.limits, lambda: self.now)
        watch = Watch(self.settings.watch, MAC_KEY, np.random.default_rng(1))
        clients = Clients(watch, self.settings.watch, limiter, alarms, metrics)
        admission = Admission(self.rights, fleet, Networks(self.settings.networks), (limiter, clients), metrics)
        return Gateway(
            settings=self.settings, admission=admission, limiter=limiter, fleet=fleet, engine=Engine(),
            recorder=self.recorder, clients=clients, alarms=alarms, metrics=metrics, noise_key=MAC_KEY,
        )  # fmt: skip

    def grant(self, scopes: Iterable[str] = ("*",), lifetime: timedelta | None = None) -> str:
        """Make a key that is in force at once."""
        text, grant = new_key(MAC_KEY, "somebody", Narrowing(scopes=tuple(scopes), lifetime=lifetime), self.now)
        append_changes(self.ledger, [grant], self.keys[Role.GATEWAY])
        self.rights.refresh()
        return text

    def member(self, name: str, *roles: str) -> str:
        """Give a user these roles and a key to all that they allow, in force at once."""
        rights = Administration(self.book, MAC_KEY, lambda: self.now, self._append)
        rights.set_user(name, roles)
        key, _ = rights.grant(name, Narrowing(scopes=("*",)))
        self.rights.refresh()
        return key

    def _append(self, change: Change) -> None:
        append_changes(self.ledger, [change], self.keys[Role.GATEWAY])

    def ask(self, method: str, path: str, key: str | None = None, body: bytes = b"", headers: Headers = ()) -> Reply:
        """Send one whole request."""
        self.rights.refresh()
        return self.ask_in_pieces(method, path, key, [body], headers)

    def ask_in_pieces(
        self, method: str, path: str, key: str | None, pieces: Iterable[bytes | None], headers: Headers = ()
    ) -> Reply:
        """Send a request whose body comes in pieces; None stands for a client that goes away."""
        return self.runner.run(self._sent(method, path, key, pieces, headers))

    async def asked(
        self, method: str, path: str, key: str | None = None, body: bytes = b"", headers: Headers = ()
    ) -> Reply:
        """Send one whole request in a loop that runs already, beside others."""
        return await self._sent(method, path, key, [body], headers)

    async def _sent(
        self, method: str, path: str, key: str | None, pieces: Iterable[bytes | None], headers: Headers
    ) -> Reply:
        given = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        if key is not None:
            given.append((b"authorization", f"Bearer {key}".encode("latin-1")))
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "https",
            "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": given,
            "client": (self.address, 1), "server": ("127.0.0.1", 2), "state": {}, **EXTRA_SCOPE,
        }  # fmt: skip
        if self.certificate:
            scope["client_certificate"] = self.certificate
        return await _call(self.app, scope, _messages(pieces))

    def infer(self, key: str, body: bytes | None = None, headers: Headers = ()) -> Reply:
        """Ask for a prediction."""
        return self.ask("POST", "/v2/models/credit/infer", key, body_of() if body is None else body, headers)

    def close(self) -> None:
        self.gateway.alarms.close()
        self.recorder.close()
        self.traffic.close()
        self.ledger.close()
        self.runner.close()


def _messages(pieces: Iterable[bytes | None]) -> list[dict[str, Any]]:
    messages = [
        {"type": "http.disconnect"} if piece is None else {"type": "http.request", "body": piece, "more_body": True}
        for piece in pieces
    ]
    return [*messages, {"type": "http.request", "body": b"", "more_body": False}]


async def _call(app: Callable[..., Any], scope: dict[str, Any], messages: list[dict[str, Any]]) -> Reply:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not messages:
            await asyncio.sleep(3600)
        return messages.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await asyncio.wait_for(app(scope, receive, send), 20)
    start, *parts = sent
    headers = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    return Reply(start["status"], headers, b"".join(part.get("body", b"") for part in parts))
