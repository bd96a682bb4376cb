"""The messages of the ONNX format, without the package around them.

``import onnx`` loads a C++ library of checks and conversions, 13 MB of memory and 0.4 s of a slow core; who only reads
a model needs the module that was generated from the format's own definition, for a quarter of that. Where the package
is loaded already, its module is taken.
"""

import sys
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

_GENERATED = "onnx_ml_pb2"


def _messages() -> Any:
    """Return the generated module; raises ImportError where the package has none."""
    loaded = sys.modules.get(f"onnx.{_GENERATED}")
    if loaded is not None:
        return loaded
    package = find_spec("onnx")  # found, not imported
    if package is None or not package.submodule_search_locations:
        raise ImportError("the package onnx is missing", name="onnx")
    path = Path(package.submodule_search_locations[0]) / f"{_GENERATED}.py"
    spec = spec_from_file_location(f"{__name__}.{_GENERATED}", path)
    if spec is None or spec.loader is None:
        raise ImportError("the package onnx has no messages", name="onnx", path=str(path))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_read = _messages()
ModelProto: Any = _read.ModelProto
"""A model: ``FromString`` reads one, and raises ``google.protobuf.message.DecodeError`` for other bytes."""
TensorProto: Any = _read.TensorProto
