"""What a built-in model leaves behind beside its ONNX file, so that it can be mended when rows leave: no row of it.

Only code in the sandbox reads it again. It holds a hash of each row, by which one who has a row can tell that it was
learnt from: so it is personal data, stays in the vault, is in no release, and dies with the model.
"""

import io
from typing import Any, Self

import msgspec
import numpy as np
import numpy.typing as npt
from sklearn.pipeline import Pipeline

from secmlops.runtime.row_keys import Keys
from secmlops.training.columns import digest_of_columns
from secmlops.training.transport import array_to_bytes
from secmlops.training.unlearning.forest import trees_to_arrays


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """``columns`` is the digest of what the columns learnt, ``keys`` those of the rows, ``arrays`` the weights as .npy.

    Of a forest these are its trees, of a logistic regression ``weights`` [1 or classes, d + 1].
    """

    model: str
    columns: str
    keys: bytes
    arrays: dict[str, bytes]

    @classmethod
    def of(cls, model: str, estimator: Pipeline, keys: Keys) -> Self:
        """What to keep of a model that was fitted on rows with these ``keys`` [n]."""
        arrays = {name: array_to_bytes(array) for name, array in _arrays(estimator["model"], model).items()}
        columns = str(digest_of_columns(estimator["columns"]))
        return cls(model=model, columns=columns, keys=array_to_bytes(keys), arrays=arrays)

    def to_bytes(self) -> bytes:
        """Serialise."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what ``to_bytes`` gave."""
        return msgspec.msgpack.decode(data, type=cls)

    def array(self, name: str) -> npt.NDArray[Any]:
        """One of the arrays."""
        return _read(self.arrays[name])

    @property
    def row_keys(self) -> Keys:
        """Keys [n] of the rows that were learnt from, in their order."""
        return _read(self.keys)


def _arrays(model: Any, name: str) -> dict[str, npt.NDArray[Any]]:
    if name == "random_forest":
        return dict(trees_to_arrays(model))
    return {"weights": np.column_stack([model.coef_, model.intercept_])}


def _read(data: bytes) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = np.load(io.BytesIO(data), allow_pickle=False)
    return array
