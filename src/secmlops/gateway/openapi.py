"""The OpenAPI 3.1 document of the gateway, made from its table of routes and the model behind them.

Source: https://spec.openapis.org/oas/v3.1.1. A route stands in it with what its exchange says; the document promises
nothing that the route does not do, and leaves out no status that it answers with.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.gateway.responses import PROBLEM_TYPE, TITLES
from secmlops.gateway.schemas import ref, schemas
from secmlops.serving.answer import BINARY_TYPE, JSON_TYPE, Model
from secmlops.serving.binary import BINARY_HEADER
from secmlops.serving.invocations import CSV_TYPE

_PLACE = re.compile(r"\{([a-z]+)\}")
_BINARY: Json = {"type": "string", "contentMediaType": BINARY_TYPE}
_TEXT: Json = {"type": "string"}
_ALWAYS = (400, 408, 413, 415, 431, 500, 503)
_GUARDED = (401, 403, 429)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a route takes and gives: schemas by media type, and the problems it knows besides those of all routes."""

    summary: str
    answer: Mapping[str, Mapping[str, Json]]
    body: Mapping[str, Mapping[str, Json]] | None = None
    problems: tuple[int, ...] = ()
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One route: its method and path, the permission that a caller needs (None: open to all), and its exchange."""

    method: str
    path: str
    permission: str | None
    exchange: Exchange


def _json(name: str) -> Mapping[str, Mapping[str, Json]]:
    return {JSON_TYPE: {"schema": ref(name)}}


EXCHANGES: Mapping[str, Exchange] = MappingProxyType(
    {
        "live": Exchange("Whether the process answers", _json("Live")),
        "ready": Exchange("Whether predictions can be answered", _json("Ready")),
        "ping": Exchange("Whether predictions can be answered, as MLflow asks", {"text/plain": {"schema": _TEXT}}),
        "version": Exchange("The version of the server, as MLflow asks", {"text/plain": {"schema": _TEXT}}),
        "server": Exchange("The server, and the extensions of the protocol that it offers", _json("Server")),
        "model": Exchange("The model: the tensors it takes and gives", _json("Model")),
        "model_ready": Exchange("Whether this model can answer", _json("ModelReady")),
        "infer": Exchange(
            "Predict (Open Inference Protocol v2)",
            {**_json("InferResponse"), BINARY_TYPE: {"schema": _BINARY}},
            {**_json("InferRequest"), BINARY_TYPE: {"schema": _BINARY}},
            (422,),
            (BINARY_HEADER,),
        ),
        "invocations": Exchange(
            "Predict (MLflow)",
            _json("Predictions"),
            {**_json("Invocation"), CSV_TYPE: {"schema": ref("Csv")}},
            (422,),
        ),
        "receipt": Exchange("The receipt of one of your own predictions", {"text/plain": {"schema": _TEXT}}, None),
        "document": Exchange("This document", {JSON_TYPE: {"schema": {"type": "object"}}}),
        "page": Exchange("This document as a page to read", {"text/html": {"schema": _TEXT}}),
    }
)

_HEADERS: Mapping[str, Json] = {
    BINARY_HEADER: {
        "name": BINARY_HEADER,
        "in": "header",
        "required": False,
        "description": "Length in bytes of the JSON, where tensors follow it in binary form.",
        "schema": {"type": "integer", "minimum": 1},
    },
}
_PLACES: Mapping[str, str] = {
    "name": "The name of the model.",
    "version": "The version of the model.",
    "index": "The place of the prediction in the log: ledger_index of its answer.",
}


def document(operations: Iterable[Operation], model: Model, version: str) -> Mapping[str, Json]:
    """OpenAPI document of these routes to ``model``; ``version`` is the server's.

    Raises InputError for two operations of one method and path, and for a place in a path that is not known here.
    """
    paths: dict[str, dict[str, Json]] = {}
    for operation in operations:
        at_path, method = paths.setdefault(operation.path, {}), operation.method.lower()
        if method in at_path:
            raise InputError(f"the route {operation.method} {operation.path} is there twice")
        at_path[method] = _operation(operation, model)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": f"{model.name}, version {model.version}",
            "version": version,
            "description": "Predictions of one model, each on record before or moments after its answer leaves.",
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "paths": paths,
        "components": {
            "schemas": schemas(model.name, model.version, model.signature),
            "responses": {_named(status): _problem(status) for status in sorted(TITLES)},
            "securitySchemes": _SCHEMES,
        },
    }


_SCHEMES: Json = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key of this server, or a token of its identity provider (RFC 6750).",
    },
    "certificate": {"type": "mutualTLS", "description": "A client certificate that the server knows."},
}


def _operation(operation: Operation, model: Model) -> Json:
    exchange, permission = operation.exchange, operation.permission
    told: dict[str, Json] = {
        "operationId": _identifier(operation),
        "summary": exchange.summary,
        "responses": _responses(operation),
        "security": [] if permission is None else [{"bearer": []}, {"certificate": []}],
    }
    if permission is not None:
        told["description"] = f"Needs the permission {permission}."
    parameters = _parameters(operation, model)
    if parameters:
        told["parameters"] = parameters
    if exchange.body is not None:
        told["requestBody"] = {"required": True, "content": exchange.body}
    return told


def _responses(operation: Operation) -> Mapping[str, Json]:
    statuses = set(_ALWAYS) | set(operation.exchange.problems)
    if operation.permission is not None:
        statuses |= set(_GUARDED)
    if _PLACE.search(operation.path):
        statuses.add(404)
    problems: dict[str, Json] = {
        str(status): {"$ref": f"#/components/responses/{_named(status)}"} for status in sorted(statuses & TITLES.keys())
    }
    return {"200": {"description": "The answer.", "content": operation.exchange.answer}, **problems}


def _parameters(operation: Operation, model: Model) -> Sequence[Json]:
    places: list[Json] = []
    for name in _PLACE.findall(operation.path):
        if name not in _PLACES:
            raise InputError(f"nothing is known of {name} in {operation.path}", hint=f"one of {', '.join(_PLACES)}")
        known = {"name": model.name, "version": model.version}
        schema: Json = {"const": known[name]} if name in known else {"type": "integer", "minimum": 0}
        places.append({"name": name, "in": "path", "required": True, "description": _PLACES[name], "schema": schema})
    return [*places, *(_HEADERS[header] for header in operation.exchange.headers)]


def _identifier(operation: Operation) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", operation.path.lower()).strip("_")
    slash = "_" if operation.path.endswith("/") else ""
    return f"{operation.method.lower()}_{words}{slash}"


def _named(status: int) -> str:
    return f"Problem{status}"


def _problem(status: int) -> Json:
    told: dict[str, Json] = {
        "description": f"{TITLES[status][:1].upper()}{TITLES[status][1:]}.",
        "content": {PROBLEM_TYPE: {"schema": ref("Problem")}},
    }
    header = {401: "WWW-Authenticate", 429: "Retry-After"}.get(status)
    if header:
        told["headers"] = {header: {"schema": _TEXT}}
    return told
