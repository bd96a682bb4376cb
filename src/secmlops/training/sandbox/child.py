"""The child's side of the sandbox: shut every door, try the doors, report, and only then run what was asked for.

Started as ``python -m secmlops.training.sandbox.child <plan file> <status descriptor>``. Lines of JSON go to the
status descriptor, which is closed before any foreign code runs, so that such code cannot speak there.
"""

import contextlib
import importlib
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from secmlops.training.sandbox import landlock, namespaces, privileges, seccomp, selftest
from secmlops.training.sandbox.isolation import Isolation
from secmlops.training.sandbox.plan import Plan
from secmlops.training.sandbox.readable import DEVICE_SINK
from secmlops.training.sandbox.syscalls import Architecture, architecture

REFUSED = 71
"""Exit status: the isolation was not enough, and nothing was run."""


def main(plan_file: str, status: str) -> int:
    """Run the plan; the exit status is 0 when its target returned."""
    plan = Plan.from_json(Path(plan_file).read_bytes())
    report = int(status)
    os.set_inheritable(report, False)
    privileges.die_with_parent(plan.parent)
    privileges.gain_none()
    troubles: dict[str, str] = {}
    machine = architecture()
    if machine is None:
        troubles["machine"] = "the system calls of this processor are not known"
    elif _apply("namespaces", plan, troubles, lambda: namespaces.enter(machine)):
        _continue_as_first_process(report)
    isolation = _shut(plan, machine, troubles)
    _tell(report, isolation.to_json())
    os.close(report)
    if isolation.lacking(plan.requirement):
        return REFUSED
    module, _, function = plan.target.partition(":")
    getattr(importlib.import_module(module), function)(plan.scratch)
    return 0


def _apply(name: str, plan: Plan, troubles: dict[str, str], step: Callable[[], None]) -> bool:
    """Put one mechanism in force if the plan has it; what the kernel refuses is written down as a trouble."""
    if name not in plan.mechanisms:
        troubles[name] = "switched off"
        return False
    try:
        step()
    except OSError as error:
        troubles[name] = error.strerror or type(error).__name__
        return False
    return True


def _continue_as_first_process(report: int) -> None:
    """Go on in a fork, process 1 of the new namespace; the caller stays behind to wait and to pass on how it ended."""
    child = os.fork()
    if child == 0:
        privileges.die_with_parent()
        return
    _tell(report, {"pid": child})
    os.close(report)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        with contextlib.suppress(OSError):  # SIGKILL has no handler to reset
            signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status))


def _shut(plan: Plan, machine: Architecture | None, troubles: dict[str, str]) -> Isolation:
    own_users = "namespaces" not in troubles
    limits, version = plan.requirement.limits, landlock.abi()
    readable = (*plan.readable, plan.scratch / "in")
    privileges.hide_memory()
    _apply("limits", plan, troubles, lambda: limits.apply(own_user_namespace=own_users))
    if version:
        _apply("landlock", plan, troubles, lambda: landlock.restrict(version, readable, (*plan.writable, DEVICE_SINK)))
    else:
        troubles["landlock"] = "this kernel has none"
    if machine:
        _apply("capabilities", plan, troubles, lambda: privileges.drop_capabilities(machine))
        _apply("seccomp", plan, troubles, lambda: seccomp.install(machine))
    held = {name: machine is not None and name not in troubles for name in ("namespaces", "seccomp", "capabilities")}
    return Isolation(
        landlock_abi=version,
        landlock="landlock" not in troubles,
        seccomp=held["seccomp"],
        namespaces=held["namespaces"],
        no_new_privileges=privileges.gains_none(),
        no_capabilities=held["capabilities"],
        limits=limits.held(),
        network_blocked=selftest.network_blocked(),
        files_isolated=selftest.files_isolated(plan.canary),
        processes_blocked=selftest.processes_blocked(),
        troubles=troubles,
    )


def _tell(report: int, message: dict[str, object]) -> None:
    os.write(report, json.dumps(message).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
