"""What the gateway answers when something fails: one table from errors to problems, and a line for the operator.

A line says what failed and where in the program. It never holds a request, an answer, or the words of an error that is
not ours: those may quote what a caller sent.
"""

import logging
import traceback
from collections.abc import Mapping
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from secmlops.core.errors import InputError, SecmlopsError, VerificationError
from secmlops.gateway.responses import TITLES, problem

logger = logging.getLogger("secmlops.gateway")


async def refused(_: Request, error: Exception) -> Response:
    """Answer a request that the door or the table of routes turned away."""
    if not isinstance(error, HTTPException) or error.status_code not in TITLES:
        return problem(400)
    detail = "" if error.status_code in {401, 404, 405} else error.detail
    return problem(error.status_code, detail, error.headers)


async def unusable(_: Request, error: Exception) -> Response:
    """Answer a request in which something is wrong; its words are ours and quote no value."""
    return problem(400, str(error))


async def unanswerable(_: Request, error: Exception) -> Response:
    """Answer inputs to which the model gives no valid answer."""
    logger.warning("no answer: %s", error)
    return problem(422)


async def unavailable(_: Request, error: Exception) -> Response:
    """Answer when the ledger cannot be written or read."""
    logger.error("unavailable: %s", ": ".join(filter(None, (str(error), str(error.__cause__ or "")))))
    return problem(503, str(error))


async def broken(_: Request, error: Exception) -> Response:
    """Answer when the gateway itself is at fault."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    logger.error("broken: %s at %s:%s", type(error).__name__, frame.filename.rpartition("/")[2], frame.lineno)
    return problem(500)


FAILURES: Mapping[type[Exception], ExceptionHandler] = MappingProxyType(
    {
        HTTPException: refused,
        InputError: unusable,
        VerificationError: unanswerable,
        SecmlopsError: unavailable,
        Exception: broken,
    }
)
