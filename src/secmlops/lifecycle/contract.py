"""Holding a control to its contract: what it brings back must be an examination that evidence can be made of."""

import math
from typing import Any

from secmlops.core.control import Examination
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Finding


def checked(brought: object) -> Examination:
    """Return ``brought`` when it is an Examination with parts of the right types; raises InputError otherwise."""
    if not isinstance(brought, Examination):
        raise _breach(f"it gave {type(brought).__name__}, not an Examination")
    parts: Any = brought
    if not isinstance(parts.outcome, Outcome):
        raise _breach("its outcome is none of Outcome")
    if not all(isinstance(finding, Finding) for finding in parts.findings):
        raise _breach("a finding is no Finding")
    for name, value in parts.measures.items():
        if not isinstance(name, str) or not _is_finite(value):
            raise _breach(f"the measure {name!s:.40} is no finite number")
    if not all(isinstance(name, str) and isinstance(data, bytes) for name, data in parts.products.items()):
        raise _breach("a product is not bytes under a name")
    if not all(isinstance(name, str) and isinstance(digest, Digest) for name, digest in parts.materials.items()):
        raise _breach("a material is not a digest under a name")
    return brought


def _is_finite(value: Any) -> bool:
    try:
        return math.isfinite(value)
    except (TypeError, OverflowError):
        return False


def _breach(what: str) -> InputError:
    return InputError(f"the control broke its contract: {what}", hint="this is a defect of the control")
