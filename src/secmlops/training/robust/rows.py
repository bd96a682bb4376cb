"""Rows between the frame that a fitting function takes and the arrays that an attack changes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from secmlops.attack.oracle import Oracle
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Inputs, Signature
from secmlops.training.export import export
from secmlops.training.models import Estimator, Fit
from secmlops.training.transport import to_table

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bench:
    """Fits with ``fit`` and asks what it made, by rows as arrays; X is what the function takes: a table or pandas."""

    fit: Fit
    signature: Signature
    pandas: bool

    def made(self, rows: Inputs, target: Labels, seed: int) -> Estimator:
        """Return the estimator that was fitted on ``rows`` [n] of the classes ``target`` [n]."""
        return self.fit(self.frame(rows), target, seed)

    def oracle(self, estimator: Estimator) -> Oracle:
        """Answers of the estimator in the form that is released: that is what will be attacked, and it is quicker.

        Raises InputError for an estimator that cannot be exported.
        """
        return Predictor(export(estimator, self.signature), self.signature).predict

    def frame(self, rows: Inputs) -> Any:
        """Return the rows as what the function takes."""
        table = to_table(rows, self.signature)
        return table.to_pandas() if self.pandas else table


def inputs_of(frame: Any, signature: Signature) -> Inputs:
    """Rows [n] of a pyarrow Table or a pandas DataFrame with the columns of ``signature``."""
    numeric = [_column(frame, feature.name).astype(np.float32) for feature in signature.numeric]
    categorical = [_column(frame, feature.name).astype(object) for feature in signature.categorical]
    return Inputs(
        np.stack(numeric, axis=1) if numeric else np.empty((len(frame), 0), np.float32),
        np.stack(categorical, axis=1) if categorical else np.empty((len(frame), 0), object),
    )


def _column(frame: Any, name: str) -> npt.NDArray[Any]:
    return frame.column(name).to_numpy() if isinstance(frame, pa.Table) else frame[name].to_numpy()
