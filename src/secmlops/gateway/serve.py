"""Serving releases: verified, loaded, put on record as started, and answering until told to stop."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec
import numpy as np

from secmlops.core.errors import InputError
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.json import Json
from secmlops.core.stage import Stage
from secmlops.gateway.admission import Admission
from secmlops.gateway.alarms import Alarms
from secmlops.gateway.app import ROUTES, build_app
from secmlops.gateway.asgi import Application
from secmlops.gateway.clients import Clients
from secmlops.gateway.engine import Engine
from secmlops.gateway.fleet import Fleet
from secmlops.gateway.gateway import Gateway
from secmlops.gateway.listening import is_loopback
from secmlops.gateway.loading import ReleaseSource
from secmlops.gateway.log_keys import LogKeys
from secmlops.gateway.metrics import Metrics
from secmlops.gateway.presence import FOLDER, Presence
from secmlops.gateway.recorder import Durability, Recorder
from secmlops.gateway.rights import Rights
from secmlops.gateway.routes import RouteTable
from secmlops.gateway.served import Served
from secmlops.gateway.server import Server, make_server
from secmlops.gateway.slots import Slots
from secmlops.gateway.steps import TimedApplication, TimedEngine, TimedRecorder, TimedSource
from secmlops.gateway.tls import Pair, given, self_made
from secmlops.gateway.upkeep import kept_up
from secmlops.serving.limits import Limiter
from secmlops.serving.networks import Networks
from secmlops.serving.settings import AuditMode, ServingSettings
from secmlops.serving.watch import Watch
from secmlops.trust.canonical import digest_of
from secmlops.trust.roles import Role
from secmlops.workspace import STATE, Workspace

AUTO = "auto"
NOISE_PURPOSE = "gateway output noise"
WATCH_PURPOSE = "gateway client watch"
NO_TLS = Finding(
    "serving.no-tls",
    Severity.WARNING,
    "served without TLS: keys and answers can be read and changed on the way",
    hint="leave out --insecure-no-tls",
)
ASYNC_AUDIT = Finding(
    "serving.audit-async",
    Severity.WARNING,
    "answers may leave up to 50 ms before they are on record: a crash can lose that much",
    hint="serving.audit: durable",
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen, and the certificate: ``auto``, ``CERT:KEY``, or None to serve in clear.

    ``client_ca`` names the authorities whose client certificates are asked for. In clear is for loopback only, unless
    ``insecure_network`` says by name that others may read along.
    """

    host: str
    port: int
    tls: str | None = AUTO
    client_ca: Path | None = None
    insecure_network: bool = False

    def check(self) -> None:
        """Raise InputError for an address that would put keys on a network in clear without having been asked to."""
        if self.tls is None and not self.insecure_network and not is_loopback(self.host):
            hint = "leave out --insecure-no-tls, or add --insecure-network where a proxy in front speaks TLS"
            raise InputError("others on the network could read the keys", where=self.host, hint=hint)
        if self.tls is None and self.client_ca is not None:
            raise InputError("client certificates need TLS", where="--client-ca", hint="leave out --insecure-no-tls")


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that is ready to run, what it serves, and its certificate."""

    server: Server
    fleet: Fleet
    certificate: Path | None

    @property
    def served(self) -> Served:
        """The first of the models that are served."""
        return self.fleet.served[0]


def prepare_serving(
    workspace: Workspace,
    release: str | None,
    address: Address,
    settings: ServingSettings | None = None,
    share: float = 1.0,
) -> Serving:
    """Verify and load what is to be served, record that it is, and make the server.

    ``release`` names one of the project's, None its latest and whatever follows it; ``share`` is this process's part of
    the limits. Raises VerificationError when a release does not verify, InputError when the address, the certificate or
    a setting cannot be used.
    """
    address.check()
    chosen = settings or workspace.project.serving
    pair = _pair(workspace, address)
    context = pair.context(workspace.clock(), address.client_ca) if pair else None
    metrics = Metrics()
    alarms = Alarms(workspace.book, partial(workspace.keys.signer, Role.GATEWAY), workspace.clock, metrics)
    traced = has_traces(chosen)
    sources = _sources(workspace, release, chosen)
    fleet = Fleet(map(TimedSource, sources) if traced else sources, alarms)
    log_keys = LogKeys(workspace.keys, (workspace.ledger, workspace.traffic))
    rights = Rights(workspace.access, workspace.clock, beforehand=log_keys.refresh)
    gateway = _gateway(workspace, chosen, (metrics, alarms, fleet, rights), share)
    _record_start(workspace, fleet.served, address, chosen)
    about: dict[str, Json] = {"address": f"{address.host}:{address.port}", "since": workspace.clock().isoformat()}
    presence = Presence(workspace.folder / STATE / FOLDER, about)
    app = build_app(gateway, lifespan=lambda: kept_up(gateway, rights, presence))
    if traced:
        app = _traced(app, gateway)
    slots = Slots(most_of_address=chosen.limits.address_connections)
    server = make_server(app, address.host, address.port, context, slots)
    gateway.engine.active = lambda: len(server.server_state.tasks)
    return Serving(server, fleet, pair.certificate if pair else None)


def _gateway(
    workspace: Workspace, settings: ServingSettings, parts: tuple[Metrics, Alarms, Fleet, Rights], share: float
) -> Gateway:
    metrics, alarms, fleet, rights = parts
    limiter = Limiter(settings.limits, workspace.clock, share)
    watch = Watch(settings.watch, workspace.keys.mac_key(WATCH_PURPOSE), np.random.default_rng())
    clients = Clients(watch, settings.watch, limiter, alarms, metrics)
    fleet.tell(clients)
    traced = has_traces(settings)
    recorder = TimedRecorder if traced else Recorder
    return Gateway(
        settings=settings,
        admission=Admission(rights, fleet, Networks(settings.networks), (limiter, clients), metrics),
        limiter=limiter,
        fleet=fleet,
        engine=TimedEngine() if traced else Engine(),
        recorder=recorder(
            workspace.traffic, workspace.ledger, workspace.clock, Durability(settings.audit), settings.audit_window
        ),
        clients=clients,
        alarms=alarms,
        metrics=metrics,
        noise_key=workspace.keys.mac_key(NOISE_PURPOSE),
    )


def has_traces(settings: ServingSettings) -> bool:
    """Whether requests leave traces; raises InputError where they should and the packages for it are missing."""
    if settings.traces.endpoint is None:
        return False
    try:
        import secmlops.gateway.traces  # noqa: F401, PLC0415  # nobody else pays for it
    except ModuleNotFoundError as error:
        hint = "pip install 'secmlops[telemetry]', or leave serving.traces out"
        raise InputError(f"traces need {error.name}, which is missing", where="serving.traces", hint=hint) from None
    return True


def _traced(app: Application, gateway: Gateway) -> Application:
    from secmlops.gateway.traces import Traces  # noqa: PLC0415  # nobody else pays for it

    def names() -> list[str]:
        return [name for served in gateway.fleet.served for name in (served.name, served.version)]

    traces = Traces(gateway.settings.traces, RouteTable(ROUTES), names, gateway.metrics)
    return TimedApplication(app, traces.tell, traces.close)


def _sources(workspace: Workspace, release: str | None, settings: ServingSettings) -> list[ReleaseSource]:
    if release is not None or not settings.models:
        return [ReleaseSource(workspace, release, settings)]
    folders = [workspace.folder / model.project for model in settings.models]
    projects = {folder: workspace if folder == workspace.folder else Workspace(folder) for folder in folders}
    return [
        ReleaseSource(projects[folder], model.release, settings)
        for folder, model in zip(folders, settings.models, strict=True)
    ]


def _pair(workspace: Workspace, address: Address) -> Pair | None:
    if address.tls is None:
        return None
    if address.tls == AUTO:
        return self_made(workspace.folder / STATE / "tls", address.host, workspace.clock())
    return given(address.tls)


def _record_start(workspace: Workspace, served: Sequence[Served], address: Address, settings: ServingSettings) -> None:
    """Leave evidence, for each release, of where and how it is served from now on."""
    named: dict[str, Json] = {"host": address.host, "port": address.port, "tls": address.tls or "none"}
    findings = (NO_TLS,) * (address.tls is None) + (ASYNC_AUDIT,) * (settings.audit is AuditMode.ASYNC)
    measures = {
        "tls": float(address.tls is not None),
        "client_certificates": float(address.client_ca is not None),
        "loopback": float(is_loopback(address.host)),
        "durable": float(settings.audit is AuditMode.DURABLE),
        "workers": float(settings.workers),
    }
    for one in served:
        evidence = Evidence(
            control=ControlRef("serving.start", "1", digest_of({**named, "settings": msgspec.to_builtins(settings)})),
            stage=Stage.SERVING,
            subject=one.subject,
            outcome=Outcome.PASSED,
            at=workspace.clock(),
            measures={**measures, "guard": float(one.decider.guard is not None)},
            findings=findings,
            materials={"model": one.predictor.digest},
        )
        workspace.book.append(evidence, workspace.keys.signer(Role.GATEWAY))
