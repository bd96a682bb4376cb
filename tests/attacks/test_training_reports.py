"""The user's code shares its process with ours, and makes what we report of the training say something else."""

import numpy as np
import pytest

from secmlops.core.evidence import Outcome
from secmlops.core.finding import Finding
from secmlops.core.task import Task
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature
from secmlops.training.job import Entry, TrainingJob
from secmlops.training.run import Run

FIT = """
from sklearn.linear_model import LogisticRegression

def fit(X, y, seed):
    return LogisticRegression(random_state=seed).fit(X, y)
"""


def broken_by(code: str) -> Finding:
    """Train with ``code`` beside an honest fit: the one finding that it gives."""
    draw = np.random.default_rng(7)
    numeric = draw.normal(size=(60, 2)).astype(np.float32)
    inputs = Inputs(numeric, np.empty((60, 0), object))
    names = (Feature(name="age", kind=FeatureKind.NUMERIC), Feature(name="income", kind=FeatureKind.NUMERIC))
    job = TrainingJob(
        Examples(inputs, (numeric[:, 0] > 0).astype(np.int64)),
        inputs.take(slice(0, 10)),
        Signature(task=Task.BINARY, features=names, classes=("no", "yes")),
        entry=Entry((FIT + code).encode()),
        fractions=(0.5,),
    )
    done = Run().examine(job)
    assert done.outcome is Outcome.FAILED
    assert done.products == {}
    (finding,) = done.findings
    assert finding.message.isprintable()
    return finding


CURVE_TRICKS = {
    "nothing": "curve.curve_to_json = fitting.curve_to_json = lambda points: b'[]'",
    "no rows": (
        "real = fitting.curve_to_json\n"
        "fitting.curve_to_json = lambda points: real(points).replace(b'\"rows\":60', b'\"rows\":0')"
    ),
}


@pytest.mark.parametrize("trick", CURVE_TRICKS)
def test_code_that_leaves_out_what_shows_its_overfitting(trick: str) -> None:
    finding = broken_by(f"from secmlops.training import curve, fitting\n{CURVE_TRICKS[trick]}")
    assert (finding.rule, "learning curve of other rows" in finding.message) == ("run-broken", True)


LIES = {
    "version": (
        "import importlib.metadata as m; real = m.version\n"
        "m.version = lambda name: '99.0' if name == 'scikit-learn' else real(name)",
        "another version of scikit-learn than",
    ),
    "python": ("import platform; platform.python_version = lambda: '3.99'", "another python"),
    "hidden": (
        "import importlib.metadata as m; real = m.distributions\n"
        "m.distributions = lambda: [d for d in real() if d.metadata['Name'] != 'skl2onnx']",
        "leaves out skl2onnx",
    ),
    "escape": (
        "import importlib.metadata as m; real, real_version = m.distributions, m.version\n"
        "class Fake(m.Distribution):\n"
        "    metadata, locate_file = {'Name': '\\x1b]0;owned\\x07'}, None\n"
        "    def read_text(self, name): return 'sklearn' if name == 'top_level.txt' else None\n"
        "m.distributions = lambda: [*real(), Fake()]\n"
        "m.version = lambda name: '1' if name[0] == '\\x1b' else real_version(name)",
        "no package can be named",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_code_that_lies_about_the_packages_it_ran_with(lie: str) -> None:
    code, told = LIES[lie]
    finding = broken_by(code)
    assert finding.rule == "run-broken"
    assert told in finding.message
    assert finding.hint
