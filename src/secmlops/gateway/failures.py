"""What the gateway answers when something fails: one table from errors to problems, and a line for the operator.

A line says what failed and where in the program. It never holds a request, an answer, or the words of an error that is
not ours: those may quote what a caller sent.
"""

import logging
import traceback

from secmlops.core.errors import InputError, SecmlopsError, VerificationError
from secmlops.gateway.exchange import Refused, Response
from secmlops.gateway.responses import problem

logger = logging.getLogger("secmlops.gateway")
_WORDLESS = frozenset({401, 404, 405})
"""Nothing more is said than the title: not even which of several reasons it was."""


def response_to(error: Exception) -> Response:
    """Answer to a request that ended in ``error``."""
    if isinstance(error, Refused):
        return problem(error.status, "" if error.status in _WORDLESS else error.detail, error.headers)
    if isinstance(error, InputError):  # something is wrong in the request; our words quote no value of it
        return problem(400, str(error))
    if isinstance(error, VerificationError):  # the model gives no valid answer to these inputs
        logger.warning("no answer: %s", error)
        return problem(422)
    if isinstance(error, SecmlopsError):  # the ledger cannot be written or read
        logger.error("unavailable: %s", ": ".join(filter(None, (str(error), str(error.__cause__ or "")))))
        return problem(503, str(error))
    frame = traceback.extract_tb(error.__traceback__)[-1]
    logger.error("broken: %s at %s:%s", type(error).__name__, frame.filename.rpartition("/")[2], frame.lineno)
    return problem(500)
