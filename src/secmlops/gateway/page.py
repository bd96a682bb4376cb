"""The OpenAPI document as a page to read: HTML with its style inside, no script, and nothing fetched from elsewhere."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

_METHODS = ("get", "post", "put", "patch", "delete")
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""Content-Security-Policy under which the page is whole."""


def page_of(document: Mapping[str, Any]) -> str:
    """HTML page of an OpenAPI document that ``openapi.document`` made."""
    operations = [
        {"method": method.upper(), "path": path, **told, "permission": _permission(told), "rows": list(_rows(told))}
        for path, methods in document["paths"].items()
        for method, told in methods.items()
        if method in _METHODS
    ]
    parts = document["components"]
    page: str = _template().render(
        info=document["info"],
        operations=operations,
        schemas={name: _indented(schema) for name, schema in parts["schemas"].items()},
        features=_features(parts["schemas"]),
        examples=dict(_examples(parts["schemas"])),
        problems={name.removeprefix("Problem"): told["description"] for name, told in parts["responses"].items()},
        schemes=parts["securitySchemes"],
    )
    return page


def _permission(told: Mapping[str, Any]) -> str:
    return str(told.get("description", "")).removeprefix("Needs the permission ").removesuffix(".")


def _rows(told: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What goes over the wire: its place, its name or media type, and what it is."""
    for parameter in told.get("parameters", ()):
        yield parameter["in"], parameter["name"], parameter["description"]
    for place, holder in (("body", told.get("requestBody", {})), ("answer", told["responses"]["200"])):
        for media, content in holder.get("content", {}).items():
            yield place, media, content["schema"].get("$ref", "").rpartition("/")[2]


def _features(schemas: Mapping[str, Any]) -> Mapping[str, list[Any]]:
    """Tensors of the features of each model, by its name."""
    found: dict[str, list[Any]] = {}
    for name, schema in schemas.items():
        prefix, tensor, _ = name.rpartition("Tensor_")
        if tensor:
            found.setdefault(schemas[f"{prefix}Model"]["properties"]["name"]["const"], []).append(schema)
    return found


def _examples(schemas: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, schema in schemas.items():
        for example in schema.get("examples", ()):
            yield name, example if isinstance(example, str) else _indented(example)


def _indented(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value)).decode()


@cache
def _template() -> Any:
    import jinja2  # noqa: PLC0415  # few who serve are ever asked for the page

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("secmlops.gateway"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")
