"""Run benchmarks one after another: ``python -m benchmarks``, a group (``data``), or some by name (``vault scan``).

Each runs in a process of its own, so that none warms up or slows down the next.
"""

import subprocess
import sys
from pathlib import Path

GROUPS = {
    "base": ("lifecycle", "vault", "ledger", "scan", "serving"),
    "data": ("discovery", "columns", "streaming", "anonymisation", "poisoning"),
    "assurance": (
        "evasion",
        "robust_training",
        "membership",
        "slices",
        "explanations",
        "compression",
        "private_training",
    ),
}
ARGUMENTS = {
    "scan": ["--repeats", "1"],
    "serving": ["--quick"],
    "evasion": ["--rows", "20"],
    "private_training": ["--splits", "2"],
}
"""What keeps a benchmark short here; run by itself it does the whole."""


def main() -> None:
    chosen = [name for given in sys.argv[1:] or ["base"] for name in GROUPS.get(given, (given,))]
    known = [name for group in GROUPS.values() for name in group]
    unknown = sorted(set(chosen) - set(known))
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(unknown)}; there are {', '.join((*GROUPS, *known))}")
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
