"""Limits that the kernel keeps for a process (setrlimit(2)): memory, processor time, files, processes."""

import resource
from dataclasses import dataclass

_CODE_AND_STACKS = 2 << 30
"""Address space that is not memory in use: mapped libraries, the stacks of threads, reservations of allocators."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``memory_bytes`` in use, ``cpu_seconds``, bytes of one file, open files, and processes and threads together."""

    memory_bytes: int
    cpu_seconds: int
    file_bytes: int
    open_files: int = 256
    processes: int = 256

    def values(self) -> dict[int, int]:
        """Value of each resource.

        The address space is a coarse bound against sudden demand: the parent watches the memory really in use.
        """
        return {
            resource.RLIMIT_AS: self.memory_bytes + _CODE_AND_STACKS,
            resource.RLIMIT_CPU: self.cpu_seconds,
            resource.RLIMIT_FSIZE: self.file_bytes,
            resource.RLIMIT_NOFILE: self.open_files,
            resource.RLIMIT_CORE: 0,
        }

    def apply(self, *, own_user_namespace: bool) -> None:
        """Set soft and hard limits; a hard limit already lower stays.

        The number of processes is limited only in a user namespace of its own (Linux 5.14 counts there): elsewhere the
        limit would count every process the user runs.
        """
        wanted = self.values()
        if own_user_namespace:
            wanted[resource.RLIMIT_NPROC] = self.processes
        for kind, value in wanted.items():
            hard = resource.getrlimit(kind)[1]
            bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (bound, bound))

    def held(self) -> bool:
        """Whether every limit is in force, this strict or stricter."""
        return all(0 <= resource.getrlimit(kind)[1] <= value for kind, value in self.values().items())
