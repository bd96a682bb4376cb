"""The filter program, run by a small interpreter of classic BPF, for both architectures."""

import struct

import pytest

from secmlops.training.sandbox import seccomp
from secmlops.training.sandbox.seccomp import ALLOW, KILL, REFUSE, REFUSED, UNKNOWN
from secmlops.training.sandbox.syscalls import AARCH64, ARCHITECTURES, X86_64, Architecture

OWN_PID = 77
READ, WRITE = {X86_64: 0, AARCH64: 63}, {X86_64: 1, AARCH64: 64}


def decide(machine: Architecture, number: int, first: int = 0, audit: int | None = None) -> int:
    """What the filter returns for a call, computed as the kernel would."""
    code = list(struct.iter_unpack("=HBBI", seccomp.build(machine, OWN_PID)))
    data = struct.pack("=iIQ6Q", number, machine.audit if audit is None else audit, 0, first, 0, 0, 0, 0, 0)
    accumulator, place = 0, 0
    while True:
        operation, yes, no, value = code[place]
        place += 1
        match operation:
            case 0x20:
                accumulator = struct.unpack_from("=I", data, value)[0]
            case 0x06:
                return value
            case 0x15 | 0x25 | 0x35 | 0x45:
                holds = {
                    0x15: accumulator == value,
                    0x25: accumulator > value,
                    0x35: accumulator >= value,
                    0x45: bool(accumulator & value),
                }[operation]
                place += yes if holds else no
            case _:
                pytest.fail(f"operation {operation:#x} is not in the kernel's list")


machines = pytest.mark.parametrize("machine", ARCHITECTURES.values(), ids=lambda m: m.name)


@machines
def test_every_named_call_is_refused(machine: Architecture) -> None:
    for name in REFUSED:
        number = machine.find(name)
        assert number is None or decide(machine, number) == REFUSE, name


@machines
def test_ordinary_calls_are_allowed(machine: Architecture) -> None:
    refused = {machine.find(n) for n in (*REFUSED, "clone", "clone3", "kill", "tgkill", "prctl", "prlimit64")}
    assert READ[machine] not in refused
    for number in set(range(463)) - refused:
        assert decide(machine, number) == ALLOW, number


@machines
def test_another_architecture_kills(machine: Architecture) -> None:
    assert decide(machine, READ[machine], audit=0x40000003) == KILL
    for other in set(ARCHITECTURES.values()) - {machine}:
        assert decide(machine, READ[machine], audit=other.audit) == KILL


@machines
def test_calls_newer_than_the_table_are_unknown(machine: Architecture) -> None:
    assert {decide(machine, number) for number in (463, 470, 1000)} == {UNKNOWN}


def test_x32_calls_kill() -> None:
    assert decide(X86_64, 0x40000000) == KILL
    assert decide(X86_64, 0x40000000 | 41) == KILL


@machines
def test_threads_may_start_but_processes_may_not(machine: Architecture) -> None:
    clone = machine.number("clone")
    assert decide(machine, clone, first=0x003D0F00) == ALLOW  # what pthread_create asks for
    assert decide(machine, clone, first=0x01200011) == REFUSE  # what fork asks for
    assert decide(machine, machine.number("clone3")) == UNKNOWN


@machines
@pytest.mark.parametrize("name", ["kill", "tgkill"])
def test_only_itself_may_be_signalled(machine: Architecture, name: str) -> None:
    number = machine.number(name)
    assert decide(machine, number, first=OWN_PID) == ALLOW
    assert {decide(machine, number, first=pid % 2**64) for pid in (0, 1, 78, -1, -77)} == {REFUSE}


@machines
def test_limits_and_attributes_are_its_own_and_stay(machine: Architecture) -> None:
    assert decide(machine, machine.number("prlimit64"), first=0) == ALLOW
    assert decide(machine, machine.number("prlimit64"), first=OWN_PID) == REFUSE
    prctl = machine.number("prctl")
    assert [decide(machine, prctl, first=option) for option in (1, 4, 15)] == [REFUSE, REFUSE, ALLOW]


@machines
def test_the_program_fits_into_the_kernel(machine: Architecture) -> None:
    assert len(seccomp.build(machine, OWN_PID)) // 8 <= 4096
