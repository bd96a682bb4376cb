"""Controls found by their entry points, and configured."""

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from secmlops.core.errors import InputError
from secmlops.lifecycle import registry
from secmlops.lifecycle.registry import GROUP, configure, control_class, control_ids


def installed(monkeypatch: pytest.MonkeyPatch, *points: tuple[str, str]) -> None:
    made = [EntryPoint(name, value, GROUP) for name, value in points]
    monkeypatch.setattr(
        registry, "entry_points", lambda group, name=None: [p for p in made if name is None or p.name == name]
    )


def test_every_installed_control_is_what_it_is_registered_as() -> None:
    for control_id in control_ids():
        assert control_class(control_id).id == control_id
        assert configure(control_id, {}).id == control_id


def test_to_know_the_controls_loads_nothing_that_trains() -> None:
    program = (
        "import sys; from secmlops.lifecycle.registry import control_class, control_ids;"
        "print(*map(control_class, control_ids())); print('sklearn' in sys.modules, 'skl2onnx' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert told.splitlines()[-1] == "False False"


def test_the_nearest_id_is_named() -> None:
    with pytest.raises(InputError, match=r"no control data\.shema; did you mean data\.schema\?"):
        control_class("data.shema")


@pytest.mark.parametrize(
    "value",
    [
        "no.such.module:Control",
        "secmlops.data.schema.control:Nothing",
        "secmlops.data.protection.control:Protect",
        "os:getcwd",
    ],
)
def test_what_is_no_such_control_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    installed(monkeypatch, ("data.schema", value))
    with pytest.raises(InputError):
        control_class("data.schema")


def test_two_claims_are_refused_and_one_claim_twice_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    value = "secmlops.data.schema.control:Schema"
    installed(monkeypatch, ("data.schema", value), ("data.schema", value))
    assert control_class("data.schema").id == "data.schema"
    installed(monkeypatch, ("data.schema", value), ("data.schema", "elsewhere:Schema"))
    with pytest.raises(InputError, match="claimed more than once"):
        control_class("data.schema")


def test_a_setting_that_does_not_fit_names_itself() -> None:
    for settings, place in (
        ({"rangetolerance": 1}, "rangetolerance"),
        ({"range_tolerance": "wide"}, "range_tolerance"),
    ):
        with pytest.raises(InputError) as refused:
            configure("data.schema", settings)
        assert refused.value.where == place
