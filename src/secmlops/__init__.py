"""secmlops: security in every stage of the machine-learning lifecycle, as code, measured, with signed evidence.

What a plugin author needs stands here; everything else is imported from its room. Whatever of the package is imported,
this file runs first; so here is the place that keeps the model runtime from reporting to its makers.
"""

import os

from secmlops.core.control import Control, Examination
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, SecmlopsError, VerificationError
from secmlops.core.evidence import Evidence, Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind

__all__ = [
    "Control",
    "Digest",
    "Evidence",
    "Examination",
    "Finding",
    "InputError",
    "Outcome",
    "SecmlopsError",
    "Severity",
    "Stage",
    "Subject",
    "SubjectKind",
    "VerificationError",
]

__version__ = "0.1.0"

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
# ONNX Runtime (1.31 on Linux) otherwise writes a device id under the home and sends usage to its makers. It reads this
# once, when it is loaded; child processes inherit it. Forced: what guards data reports to nobody.
