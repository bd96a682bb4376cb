"""Which files the child may read: the interpreter, installed packages, this package, system libraries; no others."""

import sys
import sysconfig
from pathlib import Path

import secmlops

_SYSTEM = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo", "/nix/store"),
    *("/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"),
    *("/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu"),
)
DEVICE_SINK = Path("/dev/null")


def readable_paths() -> tuple[Path, ...]:
    """Paths of the standard library, site-packages, secmlops itself and the system's libraries.

    Not ``sys.prefix``: a virtual environment may be made in the project's own folder, where the vault and the keys lie.
    """
    schemes = [sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    installed = [*schemes, f"{sys.base_prefix}/lib", f"{sys.base_prefix}/lib64", *secmlops.__path__]
    return tuple(sorted({Path(p).resolve() for p in (*installed, *_SYSTEM)}))
