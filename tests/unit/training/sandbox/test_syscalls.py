"""The table of system calls agrees with the kernel's own headers."""

import re
from pathlib import Path

import pytest

from secmlops.training.sandbox import syscalls
from secmlops.training.sandbox.syscalls import AARCH64, NEWEST_KNOWN, X86_64, architecture

HEADERS = {
    X86_64: Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    AARCH64: Path("/usr/include/asm-generic/unistd.h"),
}
NAMES = sorted(syscalls._NUMBERS)


@pytest.mark.parametrize("machine", HEADERS, ids=lambda m: m.name)
def test_numbers_are_those_of_the_kernel(machine: syscalls.Architecture) -> None:
    header = HEADERS[machine]
    if not header.exists():
        pytest.skip(f"{header} is not installed")
    said = {n: int(v) for n, v in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text())}
    wrong = {n: (machine.find(n), said.get(n)) for n in NAMES if machine.find(n) != said.get(n)}
    newer = {n for n, (ours, theirs) in wrong.items() if theirs is None and ours and ours >= 451}
    assert set(wrong) == newer


def test_numbers_are_unique_and_known() -> None:
    for machine in HEADERS:
        numbers = [n for n in map(machine.find, NAMES) if n is not None]
        assert len(set(numbers)) == len(numbers)
        assert max(numbers) <= NEWEST_KNOWN


def test_a_call_that_an_architecture_lacks_is_an_error() -> None:
    assert AARCH64.find("fork") is None
    assert X86_64.number("fork") == 57
    with pytest.raises(OSError, match="aarch64 has no system call fork"):
        AARCH64.number("fork")


def test_an_unknown_processor_has_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert architecture() is None
