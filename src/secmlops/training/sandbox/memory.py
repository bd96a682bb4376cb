"""A folder whose files lie in memory, for training rows that should not touch a disk; None where there is no room.

The files count as memory of this process's control group, so the limits of the group are looked at, as is what the
machine has left: a child that fills its folder must not have its parent killed.
"""

import os
import re
import stat
from pathlib import Path

from secmlops.training.sandbox.isolation import Requirement

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  only a folder of random name and mode 0700 is made in it
_CGROUPS = {
    "": (Path("/sys/fs/cgroup"), "memory.max", "memory.current"),
    "memory": (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes", "memory.usage_in_bytes"),
}
"""Of each hierarchy (cgroups(7)), the second version and the first: its root, and its files of limit and use."""
_AVAILABLE = re.compile(r"^MemAvailable:\s+(\d+) kB$", re.MULTILINE)


def memory_folder(requirement: Requirement) -> Path | None:
    """``SHARED_MEMORY`` if it is a tmpfs that holds a full scratch folder, beside all memory a child may use."""
    try:
        if not _is_tmpfs(SHARED_MEMORY) or not _is_safe(SHARED_MEMORY):
            return None
        about = os.statvfs(SHARED_MEMORY)
        fits = about.f_bavail * about.f_frsize >= requirement.scratch_bytes
        return SHARED_MEMORY if fits and _left() >= requirement.scratch_bytes + requirement.memory_bytes else None
    except (OSError, ValueError):  # a machine that does not say what it has left
        return None


def _is_tmpfs(folder: Path) -> bool:
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text("utf-8", "replace").splitlines()]
    kinds = [mount[2] for mount in mounts if mount[1] == str(folder)]
    return kinds[-1:] == ["tmpfs"]


def _is_safe(folder: Path) -> bool:
    """Whether we may write there, and others cannot rename what is ours."""
    mode = folder.lstat().st_mode
    others_kept_off = bool(mode & stat.S_ISVTX) or not mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISDIR(mode) and others_kept_off and os.access(folder, os.W_OK | os.X_OK)


def _left() -> int:
    """Bytes of memory that the machine, and every control group above this process, have left."""
    found = _AVAILABLE.search(Path("/proc/meminfo").read_text("ascii"))
    left = [int(found[1]) << 10] if found else [0]
    for line in Path("/proc/self/cgroup").read_text("utf-8").splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            if controller in _CGROUPS:
                root, limit, used = _CGROUPS[controller]
                inner = root / path.lstrip("/")
                above = [inner, *(p for p in inner.parents if p.is_relative_to(root))]
                left += [_number(p / limit) - _number(p / used) for p in above if (p / limit).exists()]
    return min(left)


def _number(file: Path) -> int:
    text = file.read_text("ascii").strip()
    return 1 << 62 if text == "max" else int(text)
