"""Every rule a scan can break: its stable id, what breaking it means for the verdict, and what to do about it."""

from dataclasses import dataclass

from secmlops.release.scan.verdict import Verdict

_D, _C, _S = Verdict.DANGEROUS, Verdict.CANNOT_TELL, Verdict.SAFE
_REFUSE = "do not load this file; ask where it comes from, and take the model as ONNX or safetensors"
_REWRITE = "write the file again with the tool that made it, or take the model as ONNX or safetensors"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: ``verdict`` is what a file that breaks it is called at best, ``title`` what it is about."""

    id: str
    verdict: Verdict
    title: str
    hint: str


PICKLE_GLOBAL = Rule("pickle-global", _D, "A pickle names something that is not on the list of harmless names", _REFUSE)
PICKLE_CALL = Rule("pickle-call", _D, "A pickle calls something that may not be called", _REFUSE)
PICKLE_UNRESOLVED = Rule("pickle-unresolved", _D, "A pickle names or calls something that cannot be known", _REFUSE)
PICKLE_EXTENSION = Rule("pickle-extension", _D, "A pickle takes a name from the extension registry", _REFUSE)
PICKLE_BUILD = Rule("pickle-build", _D, "A pickle sets the state of something that may not be changed", _REFUSE)
PICKLE_PERSISTENT = Rule("pickle-persistent-id", _C, "A pickle refers to an object outside of it", _REWRITE)
PICKLE_BUFFER = Rule("pickle-buffer", _C, "A pickle refers to a buffer outside of it", _REWRITE)
PICKLE_BROKEN = Rule("pickle-broken", _C, "A pickle breaks off or cannot be read", _REWRITE)
PICKLE_TRAILING = Rule("pickle-trailing", _C, "Bytes follow a pickle that are not a pickle", _REWRITE)
PICKLE_ARRAY = Rule("pickle-array", _C, "Array bytes in a joblib file have no known length", _REWRITE)
PICKLE_TWO_READINGS = Rule("pickle-two-readings", _C, "pickle.load and joblib.load read different objects", _REWRITE)
PICKLE_WORK = Rule("pickle-work", _C, "A pickle is longer than the limits allow to read", "raise limits.opcode_bytes")

ARCHIVE_STRUCTURE = Rule("archive-structure", _C, "An archive can be read in more than one way", _REWRITE)
ARCHIVE_NAME = Rule("archive-name", _D, "A member would be written outside of the archive's folder", _REFUSE)
ARCHIVE_LINK = Rule("archive-link", _D, "A member is a link or a device", _REFUSE)
ARCHIVE_DUPLICATE = Rule("archive-duplicate", _C, "Two members of an archive share a name", _REWRITE)
ARCHIVE_ENCRYPTED = Rule("archive-encrypted", _C, "A member is encrypted", "decrypt the archive before the scan")
ARCHIVE_METHOD = Rule("archive-method", _C, "A member is compressed in a way that is not read here", _REWRITE)
ARCHIVE_CHECKSUM = Rule("archive-checksum", _C, "A member does not match its checksum or its size", _REWRITE)
ARCHIVE_BOMB = Rule(
    "archive-bomb", _C, "An archive expands or nests beyond the limits", "raise the limits if this is meant"
)

NAME_MISMATCH = Rule(
    "name-mismatch", _C, "The name promises another format than the bytes hold", "name it for what it is"
)
POLYGLOT = Rule("polyglot", _C, "The bytes are valid in more than one format", _REWRITE)
UNKNOWN_FORMAT = Rule("unknown-format", _C, "The format is not known", "release only formats that can be scanned")
UNREADABLE = Rule("unreadable", _C, "The file is not what it claims to be", _REWRITE)
TOO_LARGE = Rule(
    "too-large", _C, "The file is larger than the limits allow", "raise limits.file_bytes if this is meant"
)
CHANGED = Rule("changed", _C, "The file was changed while it was scanned", "scan it again when nobody writes to it")
SCRIPT = Rule("script", _C, "A file of program code lies beside the model", "release code as a package, reviewed")

ONNX_EXTERNAL = Rule(
    "onnx-external-data", _C, "Weights of the model lie in another file", "save the model as a single file"
)
ONNX_ESCAPE = Rule("onnx-external-path", _D, "Weights of the model are read from a path outside of its folder", _REFUSE)
ONNX_OPERATOR = Rule(
    "onnx-operator-domain", _C, "The model needs operators that are not standard", "use standard operators"
)
ONNX_STRUCTURE = Rule("onnx-structure", _C, "The model's structure is not valid ONNX", _REWRITE)
ONNX_METADATA = Rule(
    "onnx-metadata", _S, "The model carries metadata of its own", "check that nothing in it is private"
)

SAFETENSORS_HEADER = Rule("safetensors-header", _C, "The header breaks the safetensors format", _REWRITE)
SAFETENSORS_LAYOUT = Rule("safetensors-layout", _C, "Tensors overlap, leave gaps or reach out of the file", _REWRITE)

KERAS_LAMBDA = Rule("keras-lambda", _D, "A layer holds marshalled Python code", _REFUSE)
KERAS_CUSTOM = Rule("keras-custom", _D, "A layer is imported from outside Keras", _REFUSE)
KERAS_FUNCTION = Rule("keras-function", _D, "A layer wraps a function that it imports by name", _REFUSE)
HDF5_STRUCTURE = Rule("hdf5-structure", _C, "The HDF5 structure is not understood", "save the model as .keras or ONNX")
HDF5_EXTERNAL = Rule("hdf5-external", _D, "The file reads data from other files", _REFUSE)

TORCHSCRIPT = Rule("torchscript", _C, "The archive holds TorchScript code", "export the model to ONNX")
TORCH_STRUCTURE = Rule("torch-structure", _C, "The PyTorch file is not laid out as one", _REWRITE)
NUMPY_HEADER = Rule("numpy-header", _C, "The array's header is not valid", _REWRITE)

RULES: dict[str, Rule] = {rule.id: rule for rule in list(globals().values()) if isinstance(rule, Rule)}
