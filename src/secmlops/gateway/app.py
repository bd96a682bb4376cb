"""The gateway's routes: a table from which the application is built, each with the scope that it needs."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from secmlops import __version__
from secmlops.access.identity import Identity
from secmlops.access.permissions import Action as Scope
from secmlops.core.errors import InputError
from secmlops.gateway.door import PUBLIC, Door
from secmlops.gateway.failures import FAILURES
from secmlops.gateway.recorder import Recorder
from secmlops.gateway.responses import answer, text
from secmlops.gateway.rights import Rights
from secmlops.gateway.served import Served
from secmlops.serving.oip import InferResponse, metadata
from secmlops.serving.tensors import outputs_of, read_question

RECEIPT_HEADER = "Secmlops-Receipt"
BINARY_HEADER = "Inference-Header-Content-Length"
_INLINE_BYTES = 32 * 2**10

Handler = Callable[["Gateway", Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One route: what it answers to, and the scope that a caller needs; None only for what the door leaves open."""

    method: str
    path: str
    scope: Scope | None
    handler: Handler


@dataclass(frozen=True, slots=True)
class Gateway:
    """What the handlers work with."""

    served: Served
    recorder: Recorder
    rights: Rights


async def live(gateway: Gateway, request: Request) -> Response:
    """Say that the process answers."""
    return answer({"live": True})


async def ready(gateway: Gateway, request: Request) -> Response:
    """Say whether predictions can be answered: the release is loaded, and the ledger is sound as of its last reading.

    The protocol's text names the member ``live``, its implementations ``ready``: both are there.
    """
    if not gateway.rights.current:
        raise HTTPException(503, "the ledger cannot be read")
    return answer({"live": True, "ready": True})


async def server(gateway: Gateway, request: Request) -> Response:
    """Describe the server."""
    return answer({"name": "secmlops", "version": __version__, "extensions": []})


async def model(gateway: Gateway, request: Request) -> Response:
    """Describe the model: the tensors it takes and gives."""
    served = gateway.served
    return answer(metadata(served.name, served.version, served.predictor.signature))


async def model_ready(gateway: Gateway, request: Request) -> Response:
    """Say that this model can answer."""
    return answer({"name": gateway.served.name, "ready": True})


async def infer(gateway: Gateway, request: Request) -> Response:
    """Answer a prediction, once it is on record."""
    if BINARY_HEADER in request.headers:
        raise InputError("tensors in binary form are not taken", where=BINARY_HEADER, hint="send them as JSON")
    served, identity = gateway.served, _identity(request)
    body: bytes = request.scope["body"]
    signature, predict = served.predictor.signature, served.predictor.predict
    if len(body) <= _INLINE_BYTES:  # a hop to another thread costs more than such a request
        question = read_question(body, signature)
        scores = predict(question.inputs)
    else:
        question = await run_in_threadpool(read_question, body, signature)
        scores = await run_in_threadpool(predict, question.inputs)
    pending = gateway.recorder.record(identity.id, served, body, scores)
    proof: dict[str, str | int] = {"prediction_id": pending.id, "salt": base64.b64encode(pending.salt).decode()}
    if pending.index is not None:
        proof["ledger_index"] = await pending.index
    if request.headers.get(RECEIPT_HEADER, "").lower() == "wanted":
        proof["receipt"] = await _receipt(gateway, identity, pending.id)
    outputs = outputs_of(scores, signature, question.outputs)
    return answer(InferResponse(served.name, served.version, outputs, question.id, proof))


async def receipt(gateway: Gateway, request: Request) -> Response:
    """Give the receipt of one of the caller's own predictions."""
    return text(await _receipt(gateway, _identity(request), request.path_params["which"]))


ROUTES: tuple[Rule, ...] = (
    Rule("GET", "/v2/health/live", None, live),
    Rule("GET", "/v2/health/ready", None, ready),
    Rule("GET", "/v2", Scope.READ, server),
    Rule("GET", "/v2/", Scope.READ, server),  # so it stands in the protocol's OpenAPI document
    Rule("GET", "/v2/models/{name}", Scope.READ, model),
    Rule("GET", "/v2/models/{name}/ready", Scope.READ, model_ready),
    Rule("GET", "/v2/models/{name}/versions/{version}", Scope.READ, model),
    Rule("GET", "/v2/models/{name}/versions/{version}/ready", Scope.READ, model_ready),
    Rule("POST", "/v2/models/{name}/infer", Scope.PREDICT, infer),
    Rule("POST", "/v2/models/{name}/versions/{version}/infer", Scope.PREDICT, infer),
    Rule("GET", "/receipts/{which}", Scope.PREDICT, receipt),
)


def build_app(gateway: Gateway, rules: tuple[Rule, ...] = ROUTES) -> ASGIApp:
    """Application of these routes, behind the door.

    Raises InputError for a route that needs no scope and is not open to everyone, or is open and needs one.
    """
    for rule in rules:
        if (rule.scope is None) is not ((rule.method, rule.path) in PUBLIC):
            raise InputError(
                f"the route {rule.method} {rule.path} has the scope {rule.scope}", hint="name one it needs"
            )

    @contextlib.asynccontextmanager
    async def lifespan(app: object) -> AsyncIterator[None]:
        gateway.rights.refresh()
        watching = asyncio.create_task(gateway.rights.watch())
        try:
            yield
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
            await run_in_threadpool(gateway.recorder.close)

    routes = [Route(rule.path, _endpoint(gateway, rule), methods=[rule.method]) for rule in rules]
    router = Router(routes, redirect_slashes=False, lifespan=lifespan)
    return ExceptionMiddleware(Door(router, gateway.rights), FAILURES)


def _endpoint(gateway: Gateway, rule: Rule) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if rule.scope is None:
            response = await rule.handler(gateway, request)
            response.headers["Connection"] = "close"  # strangers hold no connection open
            return response
        if rule.scope not in _identity(request).scopes:
            raise HTTPException(403, f"the key has not the scope {rule.scope}")
        if not _addressed(gateway.served, request.path_params):
            raise HTTPException(404)
        return await rule.handler(gateway, request)

    return endpoint


def _addressed(served: Served, parameters: Mapping[str, str]) -> bool:
    return (
        parameters.get("name", served.name) == served.name
        and parameters.get("version", served.version) == served.version
    )


async def _receipt(gateway: Gateway, identity: Identity, which: str) -> str:
    found = await run_in_threadpool(gateway.recorder.receipt, identity.id, which)
    if found is None:
        raise HTTPException(404)
    return found


def _identity(request: Request) -> Identity:
    identity: Identity = request.scope["identity"]
    return identity
