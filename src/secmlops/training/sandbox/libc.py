"""The two doors to the kernel that Python's own library lacks: raw system calls and prctl."""

import ctypes
import os

_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.syscall.restype = ctypes.c_long
_LIBC.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]


def system_call(number: int, *arguments: int | ctypes.c_void_p) -> int:
    """Make system call ``number``; raises OSError with the kernel's errno."""
    wide = (a if isinstance(a, ctypes.c_void_p) else ctypes.c_long(a) for a in arguments)
    result = int(_LIBC.syscall(ctypes.c_long(number), *wide))
    if result < 0:
        raise _last_error()
    return result


def prctl(option: int, *arguments: int) -> int:
    """Set or get an attribute of this process; raises OSError with the kernel's errno."""
    padded = [*arguments, 0, 0, 0, 0][:4]
    result = int(_LIBC.prctl(option, *padded))
    if result < 0:
        raise _last_error()
    return result


def address_of(structure: ctypes.Structure | ctypes.Array[ctypes.c_char]) -> ctypes.c_void_p:
    """Pointer to ``structure``, which the caller keeps alive."""
    return ctypes.c_void_p(ctypes.addressof(structure))


def _last_error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
