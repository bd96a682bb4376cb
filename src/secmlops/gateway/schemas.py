"""JSON Schemas (2020-12) of what the gateway takes and gives, for each model: its own features and outputs.

They say what a schema can say. That a tensor has as many values as its shape tells, and that all tensors have the same
number of rows, stands in the descriptions.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence

from secmlops.core.json import Json
from secmlops.gateway.responses import TITLES
from secmlops.runtime.signature import Feature, FeatureKind, Signature
from secmlops.serving.answer import Model
from secmlops.serving.columns import MAX_ROWS
from secmlops.serving.datatypes import ELEMENTS, Datatype
from secmlops.serving.oip import LABEL_OUTPUT, metadata, output_names

_LARGEST = ELEMENTS[Datatype.FP64].high
_NUMERIC_TYPES = [datatype for datatype in Datatype if datatype is not Datatype.BYTES]
_TEXT: Json = {"type": "string"}
_COUNT: Json = {"type": "integer", "minimum": 0}

_SPECIAL = re.compile(r"[\^$\\.*+?()\[\]{}|/]")  # in the regular expressions of JSON Schema (ECMA 262)

_FORMATS_OF_ROWS = ("dataframe_records", "inputs", "instances")

Schema = Mapping[str, Json]


def shared_schemas() -> Mapping[str, Schema]:
    """Schemas that are the same for every model, by name."""
    return {
        "Problem": _PROBLEM,
        "Live": _closed({"live": {"const": True}}),
        "Ready": _closed({"live": {"const": True}, "ready": {"const": True}}),
        "Server": _closed({"name": _TEXT, "version": _TEXT, "extensions": _list(_TEXT)}),
        "Parameters": {"type": "object"},
        "Anything": {"type": "object"},
    }


def model_schemas(model: Model, versions: Sequence[str], prefix: str = "") -> Mapping[str, Schema]:
    """Schemas of one model by name, each name beginning with ``prefix``; ``versions`` of it are served, or were."""
    signature = model.signature
    tensors = {f"{prefix}Tensor_{place}": _tensor(feature) for place, feature in enumerate(signature.features)}
    described = metadata(model.name, versions, signature)
    some: Schema = {"type": "array", "items": {"enum": list(versions)}, "minItems": 1, "uniqueItems": True}
    named = {
        "Model": _closed({**{key: {"const": value} for key, value in described.items()}, "versions": some}),
        "ModelReady": _closed({"name": {"const": model.name}, "ready": {"const": True}}),
        "InferRequest": _infer_request(signature, list(tensors)),
        "InferResponse": _infer_response(model),
        "Record": _record(signature),
        "Table": _table(signature),
        "Invocation": _invocation(prefix),
        "Params": _params(signature),
        "Csv": _csv(signature),
        "Predictions": _predictions(signature),
    }
    return {**tensors, **{f"{prefix}{name}": schema for name, schema in named.items()}}


def ref(name: str) -> Schema:
    """Reference to one of the schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def _closed(properties: Schema, *optional: str) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _list(items: Json, least: int = 0, most: int | None = None) -> Schema:
    bounds: dict[str, Json] = {"minItems": least} if most is None else {"minItems": least, "maxItems": most}
    return {"type": "array", "items": items, **bounds}


def _value(feature: Feature) -> Schema:
    if feature.kind is FeatureKind.CATEGORICAL:
        return {"type": ["string", "null"]}
    return {"type": ["number", "boolean", "null"], "minimum": -_LARGEST, "maximum": _LARGEST}


def example(feature: Feature) -> Json:
    """Value that a feature may have: made up, none of the training data."""
    return "text" if feature.kind is FeatureKind.CATEGORICAL else 0


def _tensor(feature: Feature) -> Schema:
    numeric = feature.kind is FeatureKind.NUMERIC
    rows: Json = {"type": "integer", "minimum": 1, "maximum": MAX_ROWS}
    shape: Json = {
        "type": "array", "prefixItems": [rows, {"const": 1}], "items": False, "minItems": 1, "maxItems": 2,
    }  # fmt: skip
    return {
        "type": "object",
        "title": feature.name,
        "description": f"The {feature.kind} feature {feature.name}; null is a missing value.",
        "properties": {
            "name": {"const": feature.name},
            "shape": shape,
            "datatype": {"enum": _NUMERIC_TYPES if numeric else [Datatype.BYTES]},
            "data": _list(_value(feature) if numeric else {"type": ["string", "null"]}, 1, MAX_ROWS),
            "parameters": ref("Parameters"),
        },
        "required": ["name", "shape", "datatype"],
    }


def _infer_request(signature: Signature, tensors: Sequence[str]) -> Schema:
    outputs: Json = {
        "type": "object",
        "properties": {"name": {"enum": output_names(signature)}, "parameters": ref("Parameters")},
        "required": ["name"],
    }
    told = [
        {"name": f.name, "shape": [1], "datatype": "FP64" if f.kind is FeatureKind.NUMERIC else "BYTES",
         "data": [example(f)]}
        for f in signature.features
    ]  # fmt: skip
    return {
        "type": "object",
        "description": (
            f"Each feature once, as a tensor [n] or [n, 1] with the same n up to {MAX_ROWS}, and as many values. Data "
            "may be nested, and may follow in binary form. In place of the features, the model's own inputs are taken: "
            "numeric [n, p] in FP32 and categorical [n, q] in BYTES, columns in the order of the features."
        ),
        "properties": {
            "inputs": _list({"anyOf": [ref(name) for name in tensors]}, len(tensors), len(tensors)),
            "outputs": _list(outputs, 0, len(output_names(signature))),
            "id": {"type": ["string", "null"], "maxLength": 1024},
            "parameters": ref("Parameters"),
        },
        "required": ["inputs"],
        "examples": [{"inputs": told}],
    }


def _infer_response(model: Model) -> Schema:
    names = output_names(model.signature)
    output = _closed(
        {
            "name": {"enum": names},
            "shape": _list(_COUNT, 1, 2),
            "datatype": {"enum": [Datatype.FP64, Datatype.BYTES]},
            "data": _list({"type": ["number", "string"]}, 1),
            "parameters": _closed({"binary_data_size": _COUNT}),
        },
        "data",
        "parameters",
    )
    return {
        "type": "object",
        "properties": {
            "model_name": {"const": model.name},
            "model_version": {"const": model.version},
            "id": {"type": "string", "maxLength": 1024},
            "outputs": _list(output, 1, len(names)),
            "parameters": ref("Parameters"),
        },
        "required": ["model_name", "model_version", "outputs"],
        "additionalProperties": False,
    }


def _record(signature: Signature) -> Schema:
    return {
        **_closed({f.name: _value(f) for f in signature.features}),
        "description": "One row: each feature by its name; null is a missing value.",
        "examples": [{f.name: example(f) for f in signature.features}],
    }


def _table(signature: Signature) -> Schema:
    width, values = len(signature.features), [_value(f) for f in signature.features]
    row: Json = {"type": "array", "prefixItems": values, "items": False, "minItems": width}
    names = [f.name for f in signature.features]
    columns = {"description": "The features, in any order, and the values of each row likewise.", "const": names}
    return {
        "type": "object",
        "properties": {"columns": columns, "data": _list(row, 1, MAX_ROWS), "index": {"type": "array"}},
        "required": ["columns", "data"],
    }


def _invocation(prefix: str) -> Schema:
    rows = _list(ref(f"{prefix}Record"), 1, MAX_ROWS)
    tables = {"dataframe_split": ref(f"{prefix}Table"), **dict.fromkeys(_FORMATS_OF_ROWS, rows)}
    return {
        "description": "A table in exactly one of four formats; inputs and instances may be lists without names, too.",
        "oneOf": [
            {
                "type": "object",
                "title": name,
                "properties": {name: table, "params": ref(f"{prefix}Params")},
                "required": [name],
            }
            for name, table in tables.items()
        ],
    }


_PROBLEM: Schema = {
    "description": "What went wrong (RFC 9457). No value of the request is quoted.",
    **_closed(
        {
            "type": {"const": "about:blank"},
            "title": {"enum": sorted(TITLES.values())},
            "status": {"enum": sorted(TITLES)},
            "detail": _TEXT,
            "error": {"type": "string", "description": "The same for clients of the Open Inference Protocol."},
        },
        "detail",
    ),
}


def _params(signature: Signature) -> Schema:
    offered = ["labels", "probabilities"] if signature.task.is_classification else ["predictions"]
    return {
        "type": ["object", "null"],
        "properties": {"output": {"enum": offered}},
        "additionalProperties": False,
        "description": f"What to answer; {offered[0]} where nothing is said.",
    }


def _csv(signature: Signature) -> Schema:
    """Schema of a table in CSV in its plainest form: a pattern cannot tell of every order and every way to quote."""
    kinds = {
        FeatureKind.NUMERIC: r"[+-]?([0-9]{1,20}(\.[0-9]{0,20})?|\.[0-9]{1,20})([eE][+-]?[0-9])?",
        FeatureKind.CATEGORICAL: r'[^",\r\n]+',
    }
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow([f.name for f in signature.features])
    names = written.getvalue().removesuffix("\r\n")
    header = _SPECIAL.sub(r"\\\g<0>", names)
    missing = "?" if len(signature.features) > 1 else ""  # a line without anything is no row
    row = ",".join(f"({kinds[f.kind]}){missing}" for f in signature.features)
    return {
        "type": "string",
        "description": (
            f"A header and up to {MAX_ROWS} rows (RFC 4180). Columns may come in any order, fields in quotes, numbers "
            "with an exponent; an empty field is a missing value."
        ),
        "pattern": rf"^{header}(\r?\n{row})+\r?\n?$",
        "examples": [f"{names}\n{','.join(str(example(f)) for f in signature.features)}\n"],
    }


def _predictions(signature: Signature) -> Schema:
    names = output_names(signature)
    row: Json = {"type": "number"}
    if LABEL_OUTPUT in names:
        width = len(signature.classes)
        row = {"anyOf": [{"enum": signature.classes}, _list({"type": "number"}, width, width)]}
    return _closed({"predictions": _list(row, 1, MAX_ROWS), "parameters": ref("Parameters")})
