"""Every control that is installed keeps the contract."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

from secmlops import Examination, Finding, Outcome, Severity, Stage, VerificationError
from secmlops.lifecycle.plan import BUILT_IN
from secmlops.lifecycle.registry import control_class, control_ids
from secmlops.testing import check_control, check_control_class


@pytest.mark.parametrize("control_id", control_ids())
def test_control_keeps_the_contract(control_id: str) -> None:
    check_control_class(control_class(control_id))


def test_every_built_in_control_is_registered() -> None:
    assert set(BUILT_IN) <= set(control_ids())


@dataclass(frozen=True, slots=True)
class Even:
    id: ClassVar[str] = "data.even"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.DATA
    threats: ClassVar[tuple[str, ...]] = ("owasp-ml:ML02",)

    largest: int = 10

    def examine(self, artifact: list[int], /) -> Examination:
        odd = [n for n in artifact if n % 2]
        found = (Finding("even.odd", Severity.ERROR, f"{len(odd)} odd numbers"),) if odd else ()
        return Examination.judged(found, {"odd": float(len(odd))})


def test_a_sound_control_passes_the_kit() -> None:
    assert check_control(Even(), [2, 4]).outcome is Outcome.PASSED
    assert check_control(Even(), [1]).outcome is Outcome.FAILED


class _Counting:
    calls = 0


@dataclass(frozen=True)
class Moody(Even):
    def examine(self, artifact: list[int], /) -> Examination:
        _Counting.calls += 1
        return Examination.judged((), {"calls": float(_Counting.calls)})


@dataclass(frozen=True)
class Endless(Even):
    def examine(self, artifact: list[int], /) -> Examination:
        return Examination.judged((), {"odd": float("nan")})


@dataclass(frozen=True)
class Silent(Even):
    def examine(self, artifact: list[int], /) -> Examination:
        return Examination(Outcome.FAILED)


@dataclass(frozen=True)
class Elsewhere(Even):
    stage: ClassVar[Stage] = Stage.RELEASE


@dataclass(frozen=True)
class Unknown(Even):
    threats: ClassVar[tuple[str, ...]] = ("owasp-ml:ML99",)


@pytest.mark.parametrize("kind", [Moody, Endless, Silent, Elsewhere, Unknown])
def test_a_broken_control_fails_the_kit(kind: type[Even]) -> None:
    with pytest.raises(VerificationError):
        check_control(kind(), [1])
