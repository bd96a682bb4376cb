"""A refusal of the kernel becomes an OSError with its number."""

import errno

import pytest

from secmlops.training.sandbox.libc import prctl, system_call
from secmlops.training.sandbox.syscalls import X86_64, architecture


def test_a_refused_call_is_an_os_error() -> None:
    with pytest.raises(OSError, match="Invalid argument") as refused:
        prctl(0x7FFF)
    assert refused.value.errno == errno.EINVAL
    with pytest.raises(OSError, match="Function not implemented"):
        system_call(0xFFFF)


def test_a_call_that_works_returns_its_value() -> None:
    if architecture() is not X86_64:
        pytest.skip("the number below is that of x86-64")
    assert system_call(39) > 0  # getpid
