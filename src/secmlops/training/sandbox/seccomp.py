"""A seccomp-BPF filter that takes from a process every system call training has no use for.

seccomp(2), Linux 3.5. Refused calls fail with EPERM, so that ordinary libraries degrade; a call made through another
architecture's table kills the process, because its numbers mean other things. Allowed by default: numerical libraries
differ too much for an allow-list. But calls newer than this table are refused (ENOSYS): a kernel update adds nothing.
"""

import ctypes
import errno
import os
import struct

from secmlops.training.sandbox.libc import prctl
from secmlops.training.sandbox.syscalls import NEWEST_KNOWN, Architecture

_PR_SET_SECCOMP = 22
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_MODE_FILTER = 2

_LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_JUMP_EQUAL = 0x15
_JUMP_GREATER = 0x25
_JUMP_GREATER_EQUAL = 0x35
_JUMP_ANY_BIT = 0x45
_RETURN = 0x06

# offsets into struct seccomp_data (linux/seccomp.h)
_AT_NUMBER = 0
_AT_ARCHITECTURE = 4
_AT_FIRST_ARGUMENT = 16  # its low half: both architectures are little endian

KILL = 0x80000000
ALLOW = 0x7FFF0000
REFUSE = 0x00050000 | errno.EPERM
UNKNOWN = 0x00050000 | errno.ENOSYS

_X32_BIT = 0x40000000
_CLONE_THREAD = 0x00010000

NETWORK = ("socket", "connect", "bind", "listen", "accept", "accept4")
PROCESSES = ("fork", "vfork", "execve", "execveat", "setsid", "setpgid")
OTHERS = (
    *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "kcmp"),
    *("pidfd_open", "pidfd_getfd", "pidfd_send_signal", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"),
    *("setpriority", "ioprio_set", "sched_setscheduler", "sched_setparam", "sched_setattr"),
    *("migrate_pages", "move_pages"),
)
KERNEL = (
    *("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register"),
    *("kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot", "syslog", "acct"),
    *("keyctl", "add_key", "request_key", "iopl", "ioperm", "modify_ldt", "personality", "uselib", "lookup_dcookie"),
    *("settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname"),
    *("swapon", "swapoff", "quotactl", "quotactl_fd", "vhangup", "fanotify_init", "inotify_init", "inotify_init1"),
)
NAMESPACES = (
    *("unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen"),
    *("fsconfig", "fsmount", "fspick", "mount_setattr", "name_to_handle_at", "open_by_handle_at"),
)
UNCOUNTED_MEMORY = ("memfd_create", "memfd_secret", "shmget", "msgget", "semget", "mq_open")
"""Memory that no process-wide limit counts."""
METADATA = (
    *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "lchown", "fchown", "fchownat"),
    *("setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr"),
    *("utime", "utimes", "utimensat", "futimesat", "mknod", "mknodat"),
)
"""Changes to files that Landlock does not govern."""
REFUSED = (*NETWORK, *PROCESSES, *OTHERS, *KERNEL, *NAMESPACES, *UNCOUNTED_MEMORY, *METADATA)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def build(machine: Architecture, pid: int) -> bytes:
    """Filter program for ``machine``; the process ``pid`` may signal and limit itself alone."""
    code = _prologue(machine)
    for name in REFUSED:
        code += _case(machine.find(name), [_op(_RETURN, REFUSE)])
    code += _case(machine.find("clone3"), [_op(_RETURN, UNKNOWN)])  # its flags lie in memory: libc falls back to clone
    code += _case(machine.find("clone"), _unless(_JUMP_ANY_BIT, _CLONE_THREAD))
    for name in ("kill", "tgkill"):
        code += _case(machine.find(name), _unless(_JUMP_EQUAL, pid))
    code += _case(machine.find("prlimit64"), _unless(_JUMP_EQUAL, 0))
    code += _case(machine.find("prctl"), _if_any(_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE))
    return b"".join([*code, _op(_RETURN, ALLOW)])


def install(machine: Architecture) -> None:
    """Put the filter on this process, for good. Needs no_new_privs; raises OSError when the kernel refuses."""
    code = build(machine, os.getpid())
    memory = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(memory))
    prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(program))


def _prologue(machine: Architecture) -> list[bytes]:
    code = [
        _op(_LOAD, _AT_ARCHITECTURE),
        _op(_JUMP_EQUAL, machine.audit, yes=1),
        _op(_RETURN, KILL),
        _op(_LOAD, _AT_NUMBER),
    ]
    if machine.x32:
        code += [_op(_JUMP_GREATER_EQUAL, _X32_BIT, no=1), _op(_RETURN, KILL)]
    return [*code, _op(_JUMP_GREATER, NEWEST_KNOWN, no=1), _op(_RETURN, UNKNOWN)]


def _case(number: int | None, then: list[bytes]) -> list[bytes]:
    """Run ``then``, which ends in a return, when the call is ``number``; step over it otherwise."""
    return [] if number is None else [_op(_JUMP_EQUAL, number, no=len(then)), *then]


def _unless(test: int, value: int) -> list[bytes]:
    return [_op(_LOAD, _AT_FIRST_ARGUMENT), _op(test, value, no=1), _op(_RETURN, ALLOW), _op(_RETURN, REFUSE)]


def _if_any(first: int, second: int) -> list[bytes]:
    return [
        _op(_LOAD, _AT_FIRST_ARGUMENT),
        _op(_JUMP_EQUAL, first, yes=1),
        _op(_JUMP_EQUAL, second, no=1),
        _op(_RETURN, REFUSE),
        _op(_RETURN, ALLOW),
    ]


def _op(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    """One struct sock_filter (linux/filter.h); ``yes`` and ``no`` are instructions to jump over."""
    return struct.pack("=HBBI", code, yes, no, value)
