"""The list of harmless names: no gadget on it, no attribute path, and nothing that an old protocol spells otherwise."""

import _compat_pickle

import pytest

from secmlops.release.scan.pickled.allowed import ALLOWED, Role, role_of, spelled_today

FORBIDDEN_MODULES = {"os", "sys", "subprocess", "importlib", "ctypes", "pickle", "io", "functools", "operator", "types"}
FORBIDDEN_BUILTINS = {"eval", "exec", "getattr", "setattr", "open", "compile", "__import__", "type", "map", "filter"}


def test_no_dangerous_module_or_builtin_is_listed() -> None:
    assert not {module for module, _ in ALLOWED} & FORBIDDEN_MODULES
    assert not {name for module, name in ALLOWED if module == "builtins"} & FORBIDDEN_BUILTINS
    assert not {name for _, name in ALLOWED if "." in name}


def test_loaders_read_the_listed_names_as_they_are_spelled() -> None:
    for pair in ALLOWED:
        assert pair not in _compat_pickle.NAME_MAPPING
        assert pair[0] not in _compat_pickle.IMPORT_MAPPING


def test_old_names() -> None:
    assert spelled_today("__builtin__", "unicode") == ("builtins", "str")
    assert spelled_today("copy_reg", "_reconstructor") == ("copyreg", "_reconstructor")
    assert spelled_today("builtins", "unicode") == ("builtins", "unicode")
    for (module, name), today in _compat_pickle.NAME_MAPPING.items():
        if spelled_today(module, name) in ALLOWED:
            assert spelled_today(module, name) == today


@pytest.mark.parametrize(
    ("module", "name", "role"),
    [("collections", "OrderedDict", Role.CALL), ("sklearn.pipeline", "Pipeline", Role.CLASS), ("os", "system", None)],
)
def test_roles(module: str, name: str, role: Role | None) -> None:
    assert role_of(module, name) is role
