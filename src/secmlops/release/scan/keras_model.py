"""Reading a Keras model's configuration: layers that hold Python code, or are imported from elsewhere.

Keras 3 names each object by ``module``, ``class_name`` and ``registered_name`` and imports it on loading; the same
configuration lies in ``config.json`` of a .keras archive and in the attribute ``model_config`` of an HDF5 file.
"""

from collections.abc import Iterator, Mapping

from secmlops.release.scan.inspection import Inspection, LimitReached
from secmlops.release.scan.rules import KERAS_CUSTOM, KERAS_FUNCTION, KERAS_LAMBDA
from secmlops.release.scan.strict_json import read_json
from secmlops.release.scan.verdict import Place, shown

_FUNCTION_MODULES = frozenset(
    f"keras.{part}" for part in ("activations", "initializers", "losses", "metrics", "regularizers", "constraints")
)
_MODULES = _FUNCTION_MODULES | {
    "keras.layers", "keras.models", "keras.optimizers", "keras.optimizers.schedules", "keras.dtype_policies",
    "keras.random", "keras.src.models.functional", "keras.src.models.sequential", "keras.src.models.model",
}  # fmt: skip
_TOP_LEVEL = frozenset(["Sequential", "Functional", "Model", "DTypePolicy", "Variable", "KerasTensor", "InputSpec"])
_FUNCTIONS = frozenset(["function", "builtin_function_or_method"])
# Layers that carry code or read files: marshalled lambdas, pickled torch modules, SavedModels, JAX functions.
_CODE_LAYERS = frozenset(["Lambda", "__lambda__", "TorchModuleWrapper", "TFSMLayer", "JaxLayer", "FlaxLayer"])


def check_keras_config(place: Place, data: bytes, inspection: Inspection) -> None:
    """Flag every object of a configuration that would run or import code; raises VerificationError for broken JSON."""
    config = read_json(data, inspection.limits.header_bytes)
    for node in _objects(config, inspection.limits.nodes):
        name = node.get("class_name")
        if isinstance(name, str):
            _check_object(place, node, name, inspection)
        vocabulary = node.get("vocabulary")
        if isinstance(vocabulary, str):
            inspection.flag(KERAS_CUSTOM, place, "a lookup layer reads its vocabulary from a file on loading")


def _check_object(place: Place, node: Mapping[str, object], name: str, inspection: Inspection) -> None:
    module, registered = node.get("module"), node.get("registered_name")
    if name in _CODE_LAYERS:
        inspection.flag(KERAS_LAMBDA, place, f"a layer of class {name} holds code")
    elif name in _FUNCTIONS:
        if module not in _FUNCTION_MODULES and not _is_builtin_activation(node):
            inspection.flag(KERAS_FUNCTION, place, f"the function {_spelled(module, node.get('config'))} is imported")
    elif not _is_keras(module, name) or (isinstance(registered, str) and ">" in registered):
        inspection.flag(KERAS_CUSTOM, place, f"the class {_spelled(module, name)} is not part of Keras")


def _is_keras(module: object, name: str) -> bool:
    if module is None:
        return True  # Keras then looks among its own classes, and those that the loading program registered
    if module in ("keras", "builtins"):
        return name in _TOP_LEVEL
    return module in _MODULES


def _is_builtin_activation(node: Mapping[str, object]) -> bool:
    return node.get("module") == "builtins" and node.get("registered_name") == "function" and _keras_name(node)


def _keras_name(node: Mapping[str, object]) -> bool:
    """Keras writes its own activations as module ``builtins`` with their plain name as configuration."""
    config = node.get("config")
    return isinstance(config, str) and config.isidentifier() and not config.startswith("_")


def _spelled(module: object, name: object) -> str:
    return shown(f"{module}.{name}")


def _objects(config: object, most: int) -> Iterator[dict[str, object]]:
    pending, seen = [config], 0
    while pending:
        node = pending.pop()
        seen += 1
        if seen > most:
            raise LimitReached("the configuration has more parts than the limits allow")
        if isinstance(node, dict):
            yield node
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)
