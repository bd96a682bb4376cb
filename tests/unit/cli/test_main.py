"""What the door of the command line sets before anything is loaded."""

import os
import subprocess
import sys

import pytest

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
