"""Requests and answers of MLflow's scoring server: ``POST /invocations`` in JSON or CSV.

Source: https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally (protocol of MLflow 2.0 and later), read more
strictly: a column that the model does not take, a member given twice and a text where a number belongs are refused.
"""

from collections.abc import Mapping, Sequence
from types import NoneType
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import UNSET, UnsetType

from secmlops.core.counting import counted
from secmlops.core.errors import InputError
from secmlops.runtime.signature import PREDICTION_OUTPUT, PROBABILITIES_OUTPUT, Inputs, Signature
from secmlops.serving.answer import JSON_HEADERS, Answer, Model
from secmlops.serving.columns import MAX_ROWS, Values, check_kinds, check_range, texts
from secmlops.serving.datatypes import Datatype
from secmlops.serving.delimited import columns_of_csv
from secmlops.serving.members import check_lists, check_members
from secmlops.serving.oip import LABEL_OUTPUT
from secmlops.serving.plan import Plan, plan_of
from secmlops.serving.tensors import Question, joined, outputs_of

JSON_TYPE, CSV_TYPE = "application/json", "text/csv"
OUTPUT_PARAMETER = "output"
_FORMATS = ("dataframe_split", "dataframe_records", "inputs", "instances")
_NUMBERS: frozenset[type] = frozenset({bool, int, float, NoneType})
_TEXTS: frozenset[type] = frozenset({str, NoneType})
_MAX_TOLD = 200

Columns = Mapping[str, Sequence[Any]]


class Split(msgspec.Struct, frozen=True):
    """A table as pandas writes it with ``orient="split"``; the index is not looked at."""

    columns: list[str]
    data: list[list[Any]]
    index: list[Any] | UnsetType = UNSET


class Invocation(msgspec.Struct, frozen=True):
    """A body in JSON: exactly one of the four formats, and perhaps ``params``."""

    dataframe_split: Split | UnsetType = UNSET
    dataframe_records: list[dict[str, Any]] | UnsetType = UNSET
    inputs: dict[str, list[Any]] | list[dict[str, Any] | list[Any]] | UnsetType = UNSET
    instances: list[dict[str, Any] | list[Any]] | UnsetType = UNSET
    params: dict[str, Any] | UnsetType | None = UNSET


_decoder = msgspec.json.Decoder(Invocation)


def media_type(content_type: str) -> str | None:
    """Media type of a Content-Type that ``/invocations`` takes, None for any other: the answer to that is 415."""
    name, _, parameters = content_type.partition(";")
    named = name.strip().lower()
    charset = parameters.strip().lower().replace('"', "")
    return named if named in {JSON_TYPE, CSV_TYPE} and charset in {"", "charset=utf-8"} else None


def read_invocation(body: bytes, signature: Signature, media: str = JSON_TYPE) -> Question:
    """Question in a body of the type ``media``: labels are wanted, or probabilities where ``params`` say so.

    Lists without names are in the order of the signature. Null, and an empty field in CSV, is a missing value. Raises
    InputError, which names the place and quotes no value, as ``tensors.read_question`` does.
    """
    plan = plan_of(signature)
    if media == CSV_TYPE:
        columns = columns_of_csv(body, plan)
        return Question(_one_row(columns, plan) or _inputs(columns, plan), _outputs({}, signature))
    check_lists(body)
    try:
        invocation = _decoder.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise InputError(f"not an invocation: {str(error)[:_MAX_TOLD]}") from None
    check_members(body, _members(invocation))
    form = _form(invocation)
    params = invocation.params or {}
    return Question(_one_row(form, plan) or _inputs(_columns(form, plan), plan), _outputs(params, signature))


def write_predictions(
    question: Question, scores: npt.NDArray[np.float64], model: Model, parameters: Mapping[str, str | int]
) -> Answer:
    """Answer of scores [n, k]: ``predictions`` [n] of labels or quantities, or [n, k] of probabilities.

    ``parameters`` are told beside them.
    """
    (tensor,) = outputs_of(scores, model.signature, question.outputs)
    predictions = scores.tolist() if question.outputs == (PROBABILITIES_OUTPUT,) else tensor.data
    return Answer(msgspec.json.encode({"predictions": predictions, "parameters": parameters}), JSON_HEADERS)


def _members(invocation: Invocation) -> int:
    """Members that were read for certain."""
    forms = [form for name in _FORMATS if (form := getattr(invocation, name)) is not UNSET]
    count = len(forms) + (0 if invocation.params is UNSET else 1 + len(invocation.params or ()))
    for form in forms:
        if isinstance(form, Split):
            count += 2 + (form.index is not UNSET)
        elif isinstance(form, dict):
            count += len(form)
        else:
            count += sum(len(row) for row in form if type(row) is dict)
    return count


def _form(invocation: Invocation) -> Any:
    """Return what the one format holds; raises InputError unless there is exactly one."""
    forms = [form for name in _FORMATS if (form := getattr(invocation, name)) is not UNSET]
    if len(forms) != 1:
        raise InputError(f"{len(forms)} tables", where="the body", hint=f"give exactly one of {', '.join(_FORMATS)}")
    return forms[0]


def _one_row(form: Any, plan: Plan) -> Inputs | None:
    """Inputs of a table of one row with each feature once; None for all others, also for what is wrong."""
    rows: Any = form.data if isinstance(form, Split) else form
    names = form.columns if isinstance(form, Split) else list(plan.features)
    row: dict[str, Any]
    try:
        if isinstance(form, dict):
            row = {name: value for name, (value,) in form.items()}
        elif isinstance(rows[0], dict):
            (row,) = rows
        else:
            ((*values,),) = rows
            row = dict(zip(names, values, strict=True))
        return plan.one_row([row[name] for name in plan.places]) if len(row) == len(plan.places) else None
    except (KeyError, ValueError, IndexError):
        return None


def _columns(form: Any, plan: Plan) -> Columns:
    """Columns by name, whatever the format; raises InputError for rows of another width or other names."""
    if isinstance(form, dict):
        return form
    if isinstance(form, Split):
        return _turned(form.columns, form.data)
    kinds = set(map(type, form))
    if len(kinds) != 1:
        raise InputError("a table is either lists or objects, at least one", where="inputs")
    if kinds == {list}:
        return _turned(list(plan.features), form)
    names = list(form[0])
    if any(row.keys() != form[0].keys() for row in form):
        raise InputError("the rows do not all name the same columns", hint="a missing value is null")
    return {name: [row[name] for row in form] for name in names}


def _turned(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Columns:
    if any(len(row) != len(names) for row in rows):
        raise InputError(f"a row has not {len(names)} values, one for each column", where="data")
    if len(set(names)) != len(names):
        raise InputError("a column is named twice", where="columns")
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def _inputs(columns: Columns, plan: Plan) -> Inputs:
    unknown = next((name for name in columns if name not in plan.places), None)
    if unknown is not None:
        raise InputError(f"the model has no feature {unknown[:80]!r}", where="columns", hint="send only its own")
    return joined({name: _values(name, column, plan) for name, column in columns.items()}, plan)


def _values(name: str, column: Sequence[Any], plan: Plan) -> Values:
    where = f"feature {name}"
    if not 0 < len(column) <= MAX_ROWS:
        raise InputError(counted(len(column), "row"), where=where, hint=f"from 1 to {MAX_ROWS}")
    if not plan.is_numeric(name):
        check_kinds(column, _TEXTS, "of a categorical feature", where)
        return texts(column)
    check_kinds(column, _NUMBERS, "of a numeric feature", where)
    check_range(column, Datatype.FP64, where)
    return np.array(column, np.float32)


def _outputs(params: Mapping[str, Any], signature: Signature) -> tuple[str, ...]:
    """Name of the wanted output; raises InputError for parameters that this server does not know."""
    offered = {"labels": LABEL_OUTPUT, "probabilities": PROBABILITIES_OUTPUT}
    if not signature.task.is_classification:
        offered = {"predictions": PREDICTION_OUTPUT}
    wanted = params.get(OUTPUT_PARAMETER, next(iter(offered)))
    if params.keys() - {OUTPUT_PARAMETER} or not isinstance(wanted, str) or wanted not in offered:
        hint = f"{OUTPUT_PARAMETER}: {' or '.join(offered)}"
        raise InputError("a parameter that this model does not have", where="params", hint=hint)
    return (offered[wanted],)
