"""The gateway's routes: a table from which the application is built, each with the scope that it needs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from secmlops import __version__
from secmlops.core.errors import InputError, SecmlopsError
from secmlops.gateway.door import PUBLIC, Door
from secmlops.gateway.problem import TITLES, problem
from secmlops.gateway.recorder import Recorder
from secmlops.gateway.rights import Rights
from secmlops.gateway.served import Served
from secmlops.serving import oip
from secmlops.serving.access import Identity, Scope

RECEIPT_HEADER = "Secmlops-Receipt"
_INLINE_ROWS = 64

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
    return _json({"live": True})


async def ready(gateway: Gateway, request: Request) -> Response:
    """Say whether predictions can be answered: the release is loaded and the ledger is sound."""
    sound = gateway.rights.known and await run_in_threadpool(gateway.recorder.sound)
    return _json({"ready": True}) if sound else problem(503, "the ledger is not sound")


async def server(gateway: Gateway, request: Request) -> Response:
    """Describe the server."""
    return _json({"name": "secmlops", "version": __version__, "extensions": []})


async def model(gateway: Gateway, request: Request) -> Response:
    """Describe the model: the tensors it takes and gives."""
    served = gateway.served
    return _json(oip.metadata(served.name, served.version, served.predictor.signature))


async def model_ready(gateway: Gateway, request: Request) -> Response:
    """Say that this model can answer."""
    return _json({"name": gateway.served.name, "ready": True})


async def infer(gateway: Gateway, request: Request) -> Response:
    """Answer a prediction, once it is on record."""
    served, identity = gateway.served, _identity(request)
    body: bytes = request.scope["body"]
    asked = oip.read_request(body)
    inputs = oip.inputs_of(asked, served.predictor.signature)
    if len(inputs) <= _INLINE_ROWS:
        scores = served.predictor.predict(inputs)
    else:
        scores = await run_in_threadpool(served.predictor.predict, inputs)
    parameters = dict(await gateway.recorder.record(identity, body, scores))
    if request.headers.get(RECEIPT_HEADER, "").lower() == "wanted":
        index = int(parameters["ledger_index"])
        parameters["receipt"] = await run_in_threadpool(_receipt, gateway, identity, index)
    outputs = oip.outputs_of(scores, served.predictor.signature)
    return _json(oip.InferResponse(served.name, served.version, outputs, asked.id, parameters))


async def receipt(gateway: Gateway, request: Request) -> Response:
    """Give the receipt of one of the caller's own predictions."""
    index = request.path_params["index"]
    text = await run_in_threadpool(gateway.recorder.receipt, _identity(request), index)
    return PlainTextResponse(text) if text else problem(404)


ROUTES: tuple[Rule, ...] = (
    Rule("GET", "/v2/health/live", None, live),
    Rule("GET", "/v2/health/ready", None, ready),
    Rule("GET", "/v2", Scope.READ, server),
    Rule("GET", "/v2/models/{name}", Scope.READ, model),
    Rule("GET", "/v2/models/{name}/ready", Scope.READ, model_ready),
    Rule("GET", "/v2/models/{name}/versions/{version}", Scope.READ, model),
    Rule("GET", "/v2/models/{name}/versions/{version}/ready", Scope.READ, model_ready),
    Rule("POST", "/v2/models/{name}/infer", Scope.PREDICT, infer),
    Rule("POST", "/v2/models/{name}/versions/{version}/infer", Scope.PREDICT, infer),
    Rule("GET", "/receipts/{index:int}", Scope.PREDICT, receipt),
)


def build_app(gateway: Gateway, rules: tuple[Rule, ...] = ROUTES) -> ASGIApp:
    """Application of these routes, behind the door. Raises InputError for a route without a scope that is not open."""
    for rule in rules:
        if rule.scope is None and (rule.method, rule.path) not in PUBLIC:
            raise InputError(f"the route {rule.method} {rule.path} has no scope", hint="name the scope it needs")

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(gateway.rights.watch())
        yield
        watching.cancel()
        await run_in_threadpool(gateway.recorder.close)

    routes = [Route(rule.path, _endpoint(gateway, rule), methods=[rule.method]) for rule in rules]
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers={HTTPException: _http, Exception: _broken})
    app.router.redirect_slashes = False
    return Door(app, gateway.rights.authenticate)


def _endpoint(gateway: Gateway, rule: Rule) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if rule.scope is not None and rule.scope not in _identity(request).scopes:
            return problem(403)
        if not _addressed(gateway.served, request.path_params):
            return problem(404)
        try:
            return await rule.handler(gateway, request)
        except InputError as error:
            return problem(400, str(error))
        except SecmlopsError:
            return problem(503, "the answer could not be put on record")

    return endpoint


def _addressed(served: Served, parameters: Mapping[str, str]) -> bool:
    return (
        parameters.get("name", served.name) == served.name
        and parameters.get("version", served.version) == served.version
    )


def _receipt(gateway: Gateway, identity: Identity, index: int) -> str:
    return gateway.recorder.receipt(identity, index) or ""


def _identity(request: Request) -> Identity:
    identity: Identity = request.scope["identity"]
    return identity


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) and error.status_code in TITLES else 400
    return problem(status)


async def _broken(request: Request, error: Exception) -> Response:
    return problem(500)
