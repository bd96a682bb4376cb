"""Compression of a model that code of the user's own made: in a sandbox by itself, where none of that code runs.

In the process of such code nobody could tell a model that was compressed from two that were made up to look alike. So
that process leaves the whole model and what is known of its trees, and the ways are gone from there by our code alone.
What it says of its trees decides which of them stay, and is no evidence of anything.
"""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from secmlops.training.compress.compress import kind_of, learned_from, leave_compressed, unseen_by
from secmlops.training.compress.handover import ANSWERS, KIND, MODEL, TOLD, UNSEEN
from secmlops.training.compress.pruning import Kind
from secmlops.training.compress.settings import CompressSettings
from secmlops.training.compress.ways import Learned, Model
from secmlops.training.failure import report_exceptions
from secmlops.training.job import Orders
from secmlops.training.models import Estimator


def tell_trees(orders: Orders, estimator: Estimator, scratch: Path) -> None:
    """Leave how the trees of an estimator come to an answer, and which rows each did not learn from, where known."""
    kind, unseen = kind_of(estimator), unseen_by(learned_from(scratch, orders), estimator, orders)
    if kind:
        (scratch / "out" / KIND).write_text(kind.value)
    if unseen is not None and unseen.size <= 8 * TOLD[UNSEEN]:
        (scratch / "out" / UNSEEN).write_bytes(np.packbits(unseen).tobytes())


def run(scratch: Path) -> None:
    """Compress the model in ``scratch/in``, and leave it and what it was in ``scratch/out``."""
    received, left = scratch / "in", scratch / "out"
    orders = msgspec.json.decode((received / "orders.json").read_bytes(), type=Orders)
    report_exceptions(left / "failure.json", orders.file)
    for name in (MODEL, ANSWERS):
        (left / name).write_bytes((received / name).read_bytes())
    kind = Kind((received / KIND).read_text()) if (received / KIND).exists() else None
    learned = learned_from(scratch, orders)
    if (received / UNSEEN).exists():
        learned = replace(learned, unseen=_unpacked((received / UNSEEN).read_bytes(), learned))
    model = Model((left / MODEL).read_bytes(), kind)
    leave_compressed(orders.compress or CompressSettings(), model, learned, scratch)


def _unpacked(packed: bytes, learned: Learned) -> npt.NDArray[np.bool_]:
    """Which rows [T, n] each tree did not learn from."""
    rows = len(learned.target)
    bits = np.unpackbits(np.frombuffer(packed, np.uint8))
    return bits[: len(bits) // rows * rows].reshape(-1, rows).astype(bool)
