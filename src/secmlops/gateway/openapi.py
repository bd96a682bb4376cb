"""The OpenAPI 3.1 document of the gateway, made from its table of routes and the models behind them.

Source: https://spec.openapis.org/oas/v3.1.1. A route stands in it with what its exchange says; the document promises
nothing that the route does not do, and leaves out no status that it answers with.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote

from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.gateway.responses import PROBLEM_TYPE, TITLES
from secmlops.gateway.schemas import model_schemas, ref, shared_schemas
from secmlops.serving.answer import BINARY_TYPE, JSON_TYPE, Model
from secmlops.serving.binary import BINARY_HEADER
from secmlops.serving.invocations import CSV_TYPE

TEXT, BYTES = "text", "bytes"
"""What is no JSON: named in place of a schema."""
_PLACE = re.compile(r"\{([a-z]+)\}")
_UNNAMED: Mapping[str, Json] = {
    TEXT: {"type": "string"},
    BYTES: {
        "type": "string",
        "contentMediaType": BINARY_TYPE,
        "description": f"JSON, {BINARY_HEADER} bytes of it by that header, then tensors in binary form.",
    },
}
_TEXT_OF_PATH: Json = {"type": "string", "pattern": "^[A-Za-z0-9-]{1,64}$"}
_PARTS: Mapping[str, str] = {"which": "The prediction: prediction_id or ledger_index of its answer."}
_ALWAYS = (400, 408, 413, 415, 431, 500, 503)
_GUARDED = (401, 403, 429)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a route takes and gives: names of schemas by media type, and problems of its own."""

    summary: str
    answer: Mapping[str, str]
    body: Mapping[str, str] | None = None
    problems: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One route: its method and path, the permission that a caller needs (None: open to all), and its exchange."""

    method: str
    path: str
    permission: str | None
    exchange: Exchange


_PLAIN = {"text/plain": TEXT}

EXCHANGES: Mapping[str, Exchange] = MappingProxyType(
    {
        "live": Exchange("Whether the process answers", {JSON_TYPE: "Live"}),
        "ready": Exchange("Whether predictions can be answered", {JSON_TYPE: "Ready"}),
        "ping": Exchange("Whether predictions can be answered, as MLflow asks", _PLAIN),
        "version": Exchange("The version of the server, as MLflow asks", _PLAIN),
        "server": Exchange("The server, and the extensions of the protocol that it offers", {JSON_TYPE: "Server"}),
        "model": Exchange("The model: the tensors it takes and gives", {JSON_TYPE: "Model"}),
        "model_ready": Exchange("Whether this model can answer", {JSON_TYPE: "ModelReady"}),
        "infer": Exchange(
            "Predict (Open Inference Protocol v2)",
            {JSON_TYPE: "InferResponse", BINARY_TYPE: BYTES},
            {JSON_TYPE: "InferRequest", BINARY_TYPE: BYTES},
            (422,),
        ),
        "invocations": Exchange(
            "Predict (MLflow)", {JSON_TYPE: "Predictions"}, {JSON_TYPE: "Invocation", CSV_TYPE: "Csv"}, (422,)
        ),
        "explain": Exchange(
            "The reasons for a decision (Shapley values)",
            {JSON_TYPE: "Anything"},
            {JSON_TYPE: "InferRequest", BINARY_TYPE: BYTES},
            (422,),
        ),
        "receipt": Exchange("The receipt of one of your own predictions", _PLAIN),
        "metrics": Exchange("What the server counts, as Prometheus reads it", _PLAIN),
        "status": Exchange("How the server stands", {JSON_TYPE: "Anything"}),
        "document": Exchange("This document", {JSON_TYPE: "Anything"}),
        "page": Exchange("This document as a page to read", {"text/html": TEXT}),
    }
)
"""Exchanges by the names of their handlers."""


def document(operations: Iterable[Operation], models: Sequence[Model], version: str) -> Mapping[str, Json]:
    """OpenAPI document of these routes to ``models``; ``version`` is the server's.

    A route to a model stands in it once for each model, with its name in the path; one to the only model is left out
    where there are several. Of several versions of one name, the first answers where the path tells none. Raises
    InputError for two operations of one method and path, and for a place in a path that is not known here.
    """
    versions: dict[str, list[str]] = {}
    for model in models:
        versions.setdefault(model.name, []).append(model.version)
    prefixes = {model: f"model{n}_" if n > 1 or len(versions) > 1 else "" for n, model in enumerate(models, 1)}
    of_models = {prefix: model_schemas(model, versions[model.name], prefix) for model, prefix in prefixes.items()}
    known = {"shared": shared_schemas(), **of_models}
    schemas = {name: schema for some in known.values() for name, schema in some.items()}
    paths: dict[str, dict[str, Json]] = {}
    for operation in operations:
        for path, prefix in _places(operation, prefixes, schemas):
            at_path, method = paths.setdefault(path, {}), operation.method.lower()
            if method in at_path:
                raise InputError(f"the route {operation.method} {path} is there twice")
            at_path[method] = _operation(operation, path, prefix)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": ", ".join(f"{model.name}, version {model.version}" for model in models) or "secmlops gateway",
            "version": version,
            "description": "Predictions, each on record before or moments after its answer leaves.",
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {_named(status): _problem(status) for status in sorted(TITLES)},
            "securitySchemes": _SCHEMES,
        },
    }


def _places(
    operation: Operation, prefixes: Mapping[Model, str], schemas: Mapping[str, object]
) -> Iterator[tuple[str, str]]:
    """Paths at which an operation is found, each with the prefix of its model's schemas."""
    if "{name}" in operation.path:
        firsts = {model.name: model for model in reversed([*prefixes])}
        for model, prefix in prefixes.items():
            if "{version}" not in operation.path and model != firsts[model.name]:
                continue
            parts = {"{name}": quote(model.name, safe=""), "{version}": quote(model.version, safe="")}
            path = operation.path
            for place, value in parts.items():
                path = path.replace(place, value)
            yield path, prefix
        return
    exchange = operation.exchange
    named = {*exchange.answer.values(), *(exchange.body or {}).values()} - {TEXT, BYTES}
    if named <= schemas.keys():
        yield operation.path, ""


_SCHEMES: Json = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key of this server, or a token of its identity provider (RFC 6750).",
    },
    "certificate": {"type": "mutualTLS", "description": "A client certificate that the server knows."},
}


def _operation(operation: Operation, path: str, prefix: str) -> Json:
    exchange, permission = operation.exchange, operation.permission
    told: dict[str, Json] = {
        "operationId": _identifier(operation.method, path),
        "summary": exchange.summary,
        "responses": _responses(operation, prefix),
        "security": [] if permission is None else [{"bearer": []}, {"certificate": []}],
    }
    if permission is not None:
        told["description"] = f"Needs the permission {permission}."
    if parameters := list(_path_parameters(path)):
        told["parameters"] = parameters
    if exchange.body is not None:
        told["requestBody"] = {"required": True, "content": _content(exchange.body, prefix)}
    return told


def _content(named: Mapping[str, str], prefix: str) -> Mapping[str, Json]:
    shared = shared_schemas()
    schemas: dict[str, Json] = {
        media: _UNNAMED[name] if name in _UNNAMED else ref(name if name in shared else f"{prefix}{name}")
        for media, name in named.items()
    }
    return {media: {"schema": schema} for media, schema in schemas.items()}


def _responses(operation: Operation, prefix: str) -> Mapping[str, Json]:
    statuses = set(_ALWAYS) | set(operation.exchange.problems)
    if operation.permission is not None:
        statuses |= set(_GUARDED)
    if _PLACE.search(operation.path):
        statuses.add(404)
    problems: dict[str, Json] = {
        str(status): {"$ref": f"#/components/responses/{_named(status)}"} for status in sorted(statuses & TITLES.keys())
    }
    return {"200": {"description": "The answer.", "content": _content(operation.exchange.answer, prefix)}, **problems}


def _path_parameters(path: str) -> Iterator[Json]:
    for name in _PLACE.findall(path):
        if name not in _PARTS:
            raise InputError(f"nothing is known of {name} in {path}", hint=f"one of {', '.join(_PARTS)}")
        yield {"name": name, "in": "path", "required": True, "description": _PARTS[name], "schema": _TEXT_OF_PATH}


def _identifier(method: str, path: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", path.lower()).strip("_")
    return f"{method.lower()}_{words}{'_' if path.endswith('/') else ''}"


def _named(status: int) -> str:
    return f"Problem{status}"


def _problem(status: int) -> Json:
    told: dict[str, Json] = {
        "description": f"{TITLES[status][:1].upper()}{TITLES[status][1:]}.",
        "content": {PROBLEM_TYPE: {"schema": ref("Problem")}},
    }
    header = {401: "WWW-Authenticate", 429: "Retry-After"}.get(status)
    if header:
        told["headers"] = {header: {"schema": {"type": "string"}}}
    return told
