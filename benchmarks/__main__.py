"""Run the benchmarks one after another: ``python -m benchmarks``, or some by name: ``python -m benchmarks vault scan``.

Each runs in a process of its own, so that none warms up or slows down the next.
"""

import subprocess
import sys
from pathlib import Path

ALL = ("lifecycle", "vault", "ledger", "scan", "discovery", "serving")
ARGUMENTS = {"scan": ["--repeats", "1"], "discovery": ["--texts", "2000", "--rows", "200000"], "serving": ["--quick"]}
"""What keeps a benchmark short here; each has a target of its own for the whole."""


def main() -> None:
    chosen = sys.argv[1:] or ALL
    unknown = sorted(set(chosen) - set(ALL))
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(ALL)}")
    failed = []
    for name in chosen:
        print(f"\n== {name}", flush=True)
        command = [sys.executable, str(Path(__file__).parent / f"{name}.py"), *ARGUMENTS.get(name, [])]
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    if failed:
        sys.exit(f"these benchmarks failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
