"""Run the benchmarks one after another: ``python -m benchmarks``, or some by name: ``python -m benchmarks vault scan``.

Each runs in a process of its own, so that none warms up or slows down the next.
"""

import subprocess
import sys
from pathlib import Path

ALL = ("lifecycle", "vault", "ledger", "scan", "gateway")


def main() -> None:
    chosen = sys.argv[1:] or ALL
    unknown = sorted(set(chosen) - set(ALL))
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(ALL)}")
    failed = []
    for name in chosen:
        print(f"\n== {name}", flush=True)
        if subprocess.run([sys.executable, str(Path(__file__).parent / f"{name}.py")], check=False).returncode:
            failed.append(name)
    if failed:
        sys.exit(f"these benchmarks failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
