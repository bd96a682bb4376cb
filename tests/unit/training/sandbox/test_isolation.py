"""What is asked for against what held."""

import pytest

from secmlops.core.errors import InputError
from secmlops.training.sandbox.isolation import PROPERTIES, WAIVERS, Isolation, Requirement

FULL = Isolation(landlock_abi=7, network_blocked=True, files_isolated=True, processes_blocked=True, limits=True)


def test_every_property_can_be_waived_by_one_name() -> None:
    assert sorted(WAIVERS.values()) == sorted(PROPERTIES)


@pytest.mark.parametrize("waiver", WAIVERS)
def test_what_is_missing_is_lacking_until_it_is_waived(waiver: str) -> None:
    lost = WAIVERS[waiver]
    isolation = Isolation(**{**FULL.to_json(), lost: False})  # type: ignore[arg-type]
    assert isolation.missing == isolation.lacking(Requirement()) == (lost,)
    assert isolation.lacking(Requirement(accept=(waiver,))) == ()
    others = tuple(name for name in WAIVERS if name != waiver)
    assert isolation.lacking(Requirement(accept=others)) == (lost,)


def test_a_full_isolation_lacks_nothing_and_an_empty_one_everything() -> None:
    assert FULL.lacking(Requirement()) == ()
    assert Isolation().lacking(Requirement()) == tuple(PROPERTIES)


def test_measures_are_numbers() -> None:
    measures = FULL.measures()
    assert measures["isolation.landlock_abi"] == 7.0
    assert measures["isolation.network_blocked"] == 1.0
    assert measures["isolation.seccomp"] == 0.0
    assert all(isinstance(v, float) for v in measures.values())


def test_json_round_trip() -> None:
    assert Isolation.from_json(FULL.to_json()) == FULL


def test_a_waiver_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="no-lock"):
        Requirement(accept=("no-lock",))


@pytest.mark.parametrize("name", ["memory_bytes", "seconds", "scratch_bytes", "threads"])
@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_limits_are_positive(name: str, value: float) -> None:
    with pytest.raises(InputError, match="positive"):
        Requirement(**{name: value})  # type: ignore[arg-type]


def test_processor_time_grows_with_threads() -> None:
    assert Requirement(seconds=10, threads=4).limits.cpu_seconds == 41
