"""One row of numbers through a session: where it lies and where the answer goes is bound once, not with every call."""

import threading
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort


class OneRow:
    """A session that takes one input float32 [1, p], and gives the output float32 [1, k].

    Half of what ONNX Runtime costs for a single row is the making of what goes in and comes out.
    """

    def __init__(self, session: ort.InferenceSession, names: tuple[str, str], widths: tuple[int, int]) -> None:
        self._session = session
        self._row, self._answer = (np.zeros((1, width), np.float32) for width in widths)
        self._bound: Any = session.io_binding()
        self._bound.bind_input(names[0], "cpu", 0, np.float32, self._row.shape, self._row.ctypes.data)
        self._bound.bind_output(names[1], "cpu", 0, np.float32, self._answer.shape, self._answer.ctypes.data)
        self._taken = threading.Lock()

    def run(self, row: npt.NDArray[np.float32]) -> npt.NDArray[np.float32] | None:
        """Answer to one row [1, p]; None while another thread has the place. Raises what the session raises."""
        if not self._taken.acquire(blocking=False):
            return None
        try:
            self._row[:] = row
            self._session.run_with_iobinding(self._bound)
            return self._answer.copy()
        finally:
            self._taken.release()
