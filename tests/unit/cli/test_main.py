"""What the door of the command line sets before anything is loaded."""

import io
import os
import subprocess
import sys

import pytest

from secmlops.cli import main

PROBE = """
import os, sys
from secmlops.cli.main import main
assert "numpy" not in sys.modules
try:
    main(["--version"])
finally:
    print(os.environ["OPENBLAS_NUM_THREADS"])
"""


@pytest.mark.parametrize(("given", "threads"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "4"}, "4")])
def test_linear_algebra_runs_on_one_thread_unless_told_otherwise(given: dict[str, str], threads: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"} | given
    done = subprocess.run([sys.executable, "-c", PROBE], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == threads


def test_a_terminal_of_another_encoding_is_told_all_the_same(monkeypatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, "latin-1"))
    monkeypatch.setattr(
        main, "_run", lambda given: sys.stdout.write(f"\N{CHECK MARK} {given[0]}\n") and main.ExitCode.FINE
    )
    with pytest.raises(SystemExit) as ended:
        main.main(["é"])
    sys.stdout.flush()
    assert ended.value.code == 0
    assert written.getvalue() == b"\\u2713 \xe9\n"
