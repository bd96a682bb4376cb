"""Bounds on what a running model may cost: a ceiling on memory, and a time limit on a batch."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import onnxruntime as ort

MAX_MEMORY_BYTES = 4 * 2**30
"""Of all models of the process together; a session's own tensors count, the interpreter does not."""
MAX_BATCH_SECONDS = 120.0


@cache
def bound_memory() -> None:
    """Give this process one bounded allocator for all sessions that ask for the environment's."""
    place = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    settings = ort.OrtArenaCfg({"max_mem": MAX_MEMORY_BYTES, "arena_extend_strategy": 1})
    ort.create_and_register_allocator(place, settings)


@contextmanager
def time_limit() -> Iterator[Any]:
    """Give run options whose run is ended after ``MAX_BATCH_SECONDS``: ONNX Runtime looks between two operators."""
    options = ort.RunOptions()

    def end() -> None:
        options.terminate = True

    timer = threading.Timer(MAX_BATCH_SECONDS, end)
    timer.daemon = True
    timer.start()
    try:
        yield options
    finally:
        timer.cancel()
