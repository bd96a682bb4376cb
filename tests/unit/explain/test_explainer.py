"""A served explainer is small and needs none of the libraries that made it."""

import subprocess
import sys


def test_reading_an_explainer_loads_no_library_of_training() -> None:
    code = (
        "import sys, secmlops.explain.explainer; "
        "print([n for n in ('onnx', 'onnxruntime', 'sklearn', 'pyarrow', 'skl2onnx', 'scipy') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
