"""Operators that put columns together, take them apart or prepare them; texts go through, without a slope."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from secmlops.runtime.gradient.operators import Array, Attributes, Call, Operator, UnderivableError


def _same_back(_: Call, slopes: Sequence[Array]) -> list[Array | None]:
    return [slopes[0]]


def _cast(inputs: Sequence[Array], attributes: Attributes) -> list[Array]:
    if attributes["to"] not in {1, 11} or inputs[0].dtype == object:
        raise UnderivableError("Cast to something else than a number")
    return [inputs[0]]


def _concat(inputs: Sequence[Array], attributes: Attributes) -> list[Array]:
    if attributes.get("axis") not in {1, -1}:
        raise UnderivableError("Concat along another axis")
    return [np.concatenate(inputs, axis=1)]


def _concat_back(call: Call, slopes: Sequence[Array]) -> list[Array | None]:
    ends = np.cumsum([part.shape[1] for part in call.inputs])
    return list(np.split(slopes[0], ends[:-1], axis=1))


def _split(inputs: Sequence[Array], attributes: Attributes) -> list[Array]:
    count = int(attributes["outputs"])
    sizes = inputs[1].astype(int) if len(inputs) > 1 else np.full(count, inputs[0].shape[1] // count)
    if attributes.get("axis", 0) not in {1, -1} or sizes.sum() != inputs[0].shape[1] or len(sizes) != count:
        raise UnderivableError("Split along another axis or into uneven parts")
    return list(np.split(inputs[0], np.cumsum(sizes)[:-1], axis=1))


def _split_back(call: Call, slopes: Sequence[Array]) -> list[Array | None]:
    return [np.concatenate(slopes, axis=1), *[None] * (len(call.inputs) - 1)]


def _pick(inputs: Sequence[Array], attributes: Attributes) -> list[Array]:
    if attributes.get("axis", 1) not in {1, -1}:
        raise UnderivableError("columns picked along another axis")
    return [inputs[0][:, np.ravel(inputs[1]).astype(int)]]


def _pick_back(call: Call, slopes: Sequence[Array]) -> list[Array | None]:
    back = np.zeros(call.inputs[0].shape)
    np.add.at(back.T, np.ravel(call.inputs[1]).astype(int), slopes[0].T)
    return [back, None]


def _imputer(inputs: Sequence[Array], attributes: Attributes) -> list[Array]:
    if not np.isnan(attributes.get("replaced_value_float", 0.0)) or "imputed_value_floats" not in attributes:
        raise UnderivableError("Imputer of something else than missing numbers")
    return [np.where(np.isnan(inputs[0]), np.array(attributes["imputed_value_floats"]), inputs[0])]


def _imputer_back(call: Call, slopes: Sequence[Array]) -> list[Array | None]:
    return [np.where(np.isnan(call.inputs[0]), 0.0, slopes[0])]


def _scaler(inputs: Sequence[Array], attributes: Attributes) -> list[Array]:
    return [(inputs[0] - np.array(attributes.get("offset", [0.0]))) * np.array(attributes.get("scale", [1.0]))]


def _scaler_back(call: Call, slopes: Sequence[Array]) -> list[Array | None]:
    return [slopes[0] * np.array(call.attributes.get("scale", [1.0]))]


def _one_hot(inputs: Sequence[Array], attributes: Attributes) -> list[Array]:
    known = [text.decode() for text in attributes.get("cats_strings", ())]
    if not known or inputs[0].dtype != object:
        raise UnderivableError("OneHotEncoder of numbers")
    hot = inputs[0][..., None] == np.array(known, object)
    return [hot.reshape(len(hot), -1).astype(np.float64)]


def _label(inputs: Sequence[Array], attributes: Attributes) -> list[Array]:
    keys = [text.decode() for text in attributes.get("keys_strings", ())]
    of_floats = "values_floats" in attributes
    numbers: Sequence[float] | None = attributes.get("values_floats" if of_floats else "values_int64s")
    if not keys or numbers is None or inputs[0].dtype != object:
        raise UnderivableError("LabelEncoder from or to something that is not known")
    other: float = attributes.get("default_float", 0.0) if of_floats else attributes.get("default_int64", -1)
    book: dict[str, float] = dict(zip(keys, numbers, strict=True))
    codes: list[float] = [book.get(text, other) for text in inputs[0].ravel().tolist()]
    return [np.array(codes, np.float64).reshape(inputs[0].shape)]


def _no_slope(call: Call, _: Sequence[Array]) -> list[Array | None]:
    return [None] * len(call.inputs)


COLUMNS: Mapping[str, Operator] = MappingProxyType(
    {
        "ArrayFeatureExtractor": Operator(_pick, _pick_back),
        "Cast": Operator(_cast, _same_back),
        "Concat": Operator(_concat, _concat_back),
        "Gather": Operator(_pick, _pick_back),
        "Imputer": Operator(_imputer, _imputer_back),
        "LabelEncoder": Operator(_label, _no_slope),
        "OneHotEncoder": Operator(_one_hot, _no_slope),
        "Scaler": Operator(_scaler, _scaler_back),
        "Split": Operator(_split, _split_back),
    }
)
