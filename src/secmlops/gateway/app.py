"""The table of routes of the gateway, from which the application is built: each with the right that a caller needs."""

from time import monotonic

from secmlops.access.permissions import Action
from secmlops.gateway.asgi import Application
from secmlops.gateway.door import Door, Lifespan, nothing
from secmlops.gateway.exchange import Request, Response
from secmlops.gateway.gateway import Gateway
from secmlops.gateway.handlers.description import described
from secmlops.gateway.handlers.models import model, model_ready
from secmlops.gateway.handlers.operation import live, metrics, ready, server, status
from secmlops.gateway.handlers.predictions import explain, infer, invocations, receipt
from secmlops.gateway.page import page_of
from secmlops.gateway.responses import answer, text
from secmlops.gateway.routes import RouteTable, Rule

DESCRIPTION_COST = 10
"""What a description counts against the limits, in rows: it takes longer than some predictions."""


async def document(gateway: Gateway, request: Request) -> Response:
    """Describe every route, as an OpenAPI document."""
    gateway.admission.charge(request.caller, DESCRIPTION_COST, monotonic())
    return answer(described(gateway, ROUTES))


async def page(gateway: Gateway, request: Request) -> Response:
    """Describe every route, as a page to read."""
    gateway.admission.charge(request.caller, DESCRIPTION_COST, monotonic())
    return text(page_of(described(gateway, ROUTES)), "text/html; charset=utf-8")


ROUTES: tuple[Rule[Gateway], ...] = (
    Rule("GET", "/v2/health/live", None, live),
    Rule("GET", "/v2/health/ready", None, ready),
    Rule("GET", "/v2", Action.READ, server),
    Rule("GET", "/v2/", Action.READ, server),  # so it stands in the protocol's OpenAPI document
    Rule("GET", "/v2/models/{name}", Action.READ, model),
    Rule("GET", "/v2/models/{name}/ready", Action.READ, model_ready),
    Rule("GET", "/v2/models/{name}/versions/{version}", Action.READ, model),
    Rule("GET", "/v2/models/{name}/versions/{version}/ready", Action.READ, model_ready),
    Rule("POST", "/v2/models/{name}/infer", Action.PREDICT, infer),
    Rule("POST", "/v2/models/{name}/versions/{version}/infer", Action.PREDICT, infer),
    Rule("POST", "/v2/models/{name}/explain", Action.EXPLAIN, explain),
    Rule("POST", "/v2/models/{name}/versions/{version}/explain", Action.EXPLAIN, explain),
    Rule("POST", "/v2/models/{name}/invocations", Action.PREDICT, invocations),
    Rule("POST", "/invocations", Action.PREDICT, invocations),
    Rule("GET", "/receipts/{which}", Action.RECEIPT, receipt),
    Rule("GET", "/metrics", Action.METRICS, metrics),
    Rule("GET", "/status", Action.STATUS, status),
    Rule("GET", "/openapi.json", Action.READ, document),
    Rule("GET", "/docs", Action.READ, page),
)


def build_app(gateway: Gateway, rules: tuple[Rule[Gateway], ...] = ROUTES, lifespan: Lifespan = nothing) -> Application:
    """Application of these routes, behind the door; raises what ``RouteTable`` raises."""
    return Door(gateway, RouteTable(rules), lifespan)
