"""Numbers of the system calls that the filter names, for x86-64 and 64-bit ARM.

Source: the kernel's arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h. From 424 on both
tables agree. None: the architecture has no such call.
"""

import errno
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

NEWEST_KNOWN = 462
"""mseal, Linux 6.10. Calls with higher numbers are unknown to this table, so the filter refuses them."""

_NUMBERS: Mapping[str, tuple[int | None, int | None]] = MappingProxyType(
    {
        "accept": (43, 202),
        "accept4": (288, 242),
        "acct": (163, 89),
        "add_key": (248, 217),
        "adjtimex": (159, 171),
        "bind": (49, 200),
        "bpf": (321, 280),
        "capset": (126, 91),
        "chmod": (90, None),
        "chown": (92, None),
        "chroot": (161, 51),
        "clock_adjtime": (305, 266),
        "clock_settime": (227, 112),
        "clone": (56, 220),
        "clone3": (435, 435),
        "connect": (42, 203),
        "delete_module": (176, 106),
        "execve": (59, 221),
        "execveat": (322, 281),
        "fanotify_init": (300, 262),
        "fchmod": (91, 52),
        "fchmodat": (268, 53),
        "fchmodat2": (452, 452),
        "fchown": (93, 55),
        "fchownat": (260, 54),
        "finit_module": (313, 273),
        "fork": (57, None),
        "fremovexattr": (199, 16),
        "fsconfig": (431, 431),
        "fsetxattr": (190, 7),
        "fsmount": (432, 432),
        "fsopen": (430, 430),
        "fspick": (433, 433),
        "futimesat": (261, None),
        "init_module": (175, 105),
        "inotify_init": (253, None),
        "inotify_init1": (294, 26),
        "io_uring_enter": (426, 426),
        "io_uring_register": (427, 427),
        "io_uring_setup": (425, 425),
        "ioperm": (173, None),
        "iopl": (172, None),
        "ioprio_set": (251, 30),
        "kcmp": (312, 272),
        "kexec_file_load": (320, 294),
        "kexec_load": (246, 104),
        "keyctl": (250, 219),
        "kill": (62, 129),
        "lchown": (94, None),
        "listen": (50, 201),
        "lookup_dcookie": (212, 18),
        "lremovexattr": (198, 15),
        "lsetxattr": (189, 6),
        "memfd_create": (319, 279),
        "memfd_secret": (447, 447),
        "migrate_pages": (256, 238),
        "mknod": (133, None),
        "mknodat": (259, 33),
        "modify_ldt": (154, None),
        "mount": (165, 40),
        "mount_setattr": (442, 442),
        "move_mount": (429, 429),
        "move_pages": (279, 239),
        "mq_open": (240, 180),
        "msgget": (68, 186),
        "name_to_handle_at": (303, 264),
        "open_by_handle_at": (304, 265),
        "open_tree": (428, 428),
        "perf_event_open": (298, 241),
        "personality": (135, 92),
        "pidfd_getfd": (438, 438),
        "pidfd_open": (434, 434),
        "pidfd_send_signal": (424, 424),
        "pivot_root": (155, 41),
        "prctl": (157, 167),
        "prlimit64": (302, 261),
        "process_madvise": (440, 440),
        "process_mrelease": (448, 448),
        "process_vm_readv": (310, 270),
        "process_vm_writev": (311, 271),
        "ptrace": (101, 117),
        "quotactl": (179, 60),
        "quotactl_fd": (443, 443),
        "reboot": (169, 142),
        "removexattr": (197, 14),
        "request_key": (249, 218),
        "rt_sigqueueinfo": (129, 138),
        "rt_tgsigqueueinfo": (297, 240),
        "sched_setattr": (314, 274),
        "sched_setparam": (142, 118),
        "sched_setscheduler": (144, 119),
        "semget": (64, 190),
        "setdomainname": (171, 162),
        "sethostname": (170, 161),
        "setns": (308, 268),
        "setpgid": (109, 154),
        "setpriority": (141, 140),
        "setsid": (112, 157),
        "settimeofday": (164, 170),
        "setxattr": (188, 5),
        "shmget": (29, 194),
        "socket": (41, 198),
        "swapoff": (168, 225),
        "swapon": (167, 224),
        "syslog": (103, 116),
        "tgkill": (234, 131),
        "tkill": (200, 130),
        "umount2": (166, 39),
        "unshare": (272, 97),
        "userfaultfd": (323, 282),
        "uselib": (134, None),
        "utime": (132, None),
        "utimensat": (280, 88),
        "utimes": (235, None),
        "vfork": (58, None),
        "vhangup": (153, 58),
    }
)


@dataclass(frozen=True, slots=True)
class Architecture:
    """One processor family: its audit number (linux/audit.h), its column in the table, whether it has the x32 calls."""

    name: str
    audit: int
    column: int
    x32: bool

    def find(self, name: str) -> int | None:
        """Number of the system call ``name``, or None where this architecture lacks it."""
        return _NUMBERS[name][self.column]

    def number(self, name: str) -> int:
        """Number of the system call ``name``; raises OSError where this architecture lacks it."""
        number = self.find(name)
        if number is None:
            raise OSError(errno.ENOSYS, f"{self.name} has no system call {name}")
        return number


X86_64 = Architecture("x86_64", 0xC000003E, 0, x32=True)
AARCH64 = Architecture("aarch64", 0xC00000B7, 1, x32=False)
ARCHITECTURES: Mapping[str, Architecture] = MappingProxyType({a.name: a for a in (X86_64, AARCH64)})


def architecture() -> Architecture | None:
    """Architecture of this machine, or None when the table does not know it."""
    return ARCHITECTURES.get(platform.machine())
