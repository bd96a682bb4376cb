"""The names a pickle may take: exact pairs of module and name, each with the most that may be done with it.

An allow-list, because lists of bad names are never finished: every module of every installed package is a candidate.
A name is here only if nothing it does, when called with arguments of an attacker's choice or when its state is set,
runs code of the attacker's choice, reads or writes a file or opens a connection. Attribute paths (``module``, ``a.b``)
never match, because no entry holds a dot in its name.

"Safe" says that no code runs by name. The state of compiled classes is not compared with what their code expects, but
for ``numpy.dtype``: the node indexes of ``sklearn.tree._tree.Tree``, of neighbour trees and of random generators may
point anywhere, and a forged model of this kind can still make the process that uses it read wrong memory or crash.
"""

from collections.abc import Iterator, Mapping
from enum import IntEnum
from types import MappingProxyType

from secmlops.release.scan.pickled.allowed_sklearn import CYTHON_CLASSES, ESTIMATOR_CLASSES, MAKERS, METRICS


class Role(IntEnum):
    """The most a name is allowed to be: each role includes the ones before it, from VALUE on."""

    STORAGE = 1
    """The class of a tensor storage in a persistent id, and nothing else."""
    VALUE = 2
    """A function or type handed around as data."""
    CLASS = 3
    """A class instantiated without its ``__init__`` being run, and given a state."""
    CALL = 4
    """Something called with arguments."""


_Names = Mapping[str, str]

# Plain containers and numbers. `type`, `getattr`, `eval`, `map` and every other builtin that can reach code stay out.
_BUILTINS: _Names = {
    "builtins": "bool bytearray bytes complex dict float frozenset int list range set slice str tuple",
    "collections": "Counter OrderedDict defaultdict deque",
    "datetime": "date datetime time timedelta timezone",
    "decimal": "Decimal",
    "uuid": "UUID",
    # Encodes text, as protocols 0 to 2 write bytes; the reader allows the codec latin1 only.
    "_codecs": "encode",
    # Instantiates a class that was itself taken by an allowed name.
    "copyreg": "_reconstructor __newobj__",
}
_BUILTIN_CLASSES: _Names = {"builtins": "object"}
_BUILTIN_VALUES: _Names = {"builtins": "Ellipsis NotImplemented"}

# Arrays, scalars and random generators rebuild themselves through these; numpy 1 calls its package `core`.
_NUMPY: _Names = {
    "numpy": "dtype",
    "numpy._core.multiarray": "_reconstruct scalar",
    "numpy.core.multiarray": "_reconstruct scalar",
    "numpy._core.numeric": "_frombuffer",
    "numpy.core.numeric": "_frombuffer",
    "numpy.ma.core": "_mareconstruct",
    "numpy.random._pickle": "__bit_generator_ctor __generator_ctor __randomstate_ctor",
    "numpy.random.bit_generator": "__pyx_unpickle_SeedSequence",
}
_NUMPY_CLASSES: _Names = {
    "numpy": "ndarray matrix record recarray",
    "numpy.rec": "recarray record",
    "numpy.ma": "MaskedArray",
    "numpy.ma.core": "MaskedArray",
    "numpy.random._mt19937": "MT19937",
    "numpy.random._pcg64": "PCG64 PCG64DXSM",
    "numpy.random._philox": "Philox",
    "numpy.random._sfc64": "SFC64",
    "numpy.random.bit_generator": "SeedSequence",
    "numpy.polynomial.polynomial": "Polynomial",
}
# Scalar types and elementwise functions, held by estimators as settings (dtype=, func=). They compute and do no more.
_NUMPY_VALUES: _Names = {
    "numpy": (
        "bool bool_ int8 int16 int32 int64 intp int_ uint8 uint16 uint32 uint64 float16 float32 float64 longdouble "
        "complex64 complex128 str_ bytes_ object_ datetime64 timedelta64 "
        "abs absolute add arccos arcsin arctan arctan2 cbrt ceil cos cosh deg2rad degrees divide exp exp2 expm1 fabs "
        "floor hypot log log10 log1p log2 logaddexp maximum mean median minimum multiply negative power rad2deg "
        "radians reciprocal rint sign sin sinh sqrt square std subtract sum tan tanh trunc var"
    ),
    "scipy.special._ufuncs": "expit logit",
}

_SPARSE = ("bsr", "coo", "csc", "csr", "dia", "dok", "lil")
_SCIPY_CLASSES: _Names = {
    **{f"scipy.sparse._{kind}": f"{kind}_array {kind}_matrix" for kind in _SPARSE},
    **{f"scipy.sparse.{kind}": f"{kind}_matrix" for kind in _SPARSE},
    "scipy.interpolate._bsplines": "BSpline",
}
_SCIPY_VALUES: _Names = {"scipy._lib.array_api_compat.numpy._aliases": "asarray"}

# Says that raw array bytes follow; the reader passes over exactly those.
_JOBLIB_CLASSES: _Names = {"joblib.numpy_pickle": "NumpyArrayWrapper"}

# A state dict: tensors over storages. `torch.storage._load_from_bytes` loads a second pickle and stays out.
_STORAGE_KINDS = "Bool Byte Char Short Int Long Half BFloat16 Float Double ComplexFloat ComplexDouble"
_TORCH: _Names = {
    "torch._utils": "_rebuild_parameter _rebuild_tensor _rebuild_tensor_v2",
    "torch": "Size device",
}
_TORCH_STORAGES: _Names = {
    "torch": " ".join(f"{kind}Storage" for kind in _STORAGE_KINDS.split()),
    "torch.storage": "UntypedStorage",
}
_TORCH_VALUES: _Names = {
    "torch": "bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex64 complex128 strided",
}

_GROUPS: tuple[tuple[Role, _Names], ...] = (
    (Role.CALL, _BUILTINS),
    (Role.CLASS, _BUILTIN_CLASSES),
    (Role.VALUE, _BUILTIN_VALUES),
    (Role.CALL, _NUMPY),
    (Role.CLASS, _NUMPY_CLASSES),
    (Role.VALUE, _NUMPY_VALUES),
    (Role.CLASS, _SCIPY_CLASSES),
    (Role.VALUE, _SCIPY_VALUES),
    (Role.CLASS, _JOBLIB_CLASSES),
    (Role.CALL, _TORCH),
    (Role.STORAGE, _TORCH_STORAGES),
    (Role.VALUE, _TORCH_VALUES),
    (Role.CLASS, ESTIMATOR_CLASSES),
    (Role.CALL, CYTHON_CLASSES),
    (Role.CALL, MAKERS),
    (Role.VALUE, METRICS),
)


def _pairs() -> Iterator[tuple[tuple[str, str], Role]]:
    for role, modules in _GROUPS:
        for module, names in modules.items():
            for name in names.split():
                yield (module, name), role


ALLOWED: Mapping[tuple[str, str], Role] = MappingProxyType(dict(_pairs()))
LISTED_UNDER: Mapping[str, str] = MappingProxyType({name: module for module, name in reversed(list(ALLOWED))})
"""Each name on the list, and the first module it is listed under."""
_OLD_MODULES = {"__builtin__": "builtins", "copy_reg": "copyreg"}
_OLD_NAMES = {"unicode": "str", "long": "int", "xrange": "range"}


def role_of(module: str, name: str) -> Role | None:
    """Most that may be done with ``module.name``; None where it is not allowed at all."""
    return ALLOWED.get((module, name))


def spelled_today(module: str, name: str) -> tuple[str, str]:
    """Name in Python 3 of what protocols 0 to 2 call by its name in Python 2.

    The standard library knows more such pairs (``_compat_pickle``); none of the others leads to an allowed name, and no
    allowed name is one of its keys, so that what is allowed here is what a loader takes in either case.
    """
    if module not in _OLD_MODULES:
        return module, name
    return _OLD_MODULES[module], _OLD_NAMES.get(name, name)
