"""Failures: each its own status, and a line for the operator that quotes nobody."""

import json
import logging

import pytest

from secmlops.core.errors import GateShutError, InputError, SecmlopsError, VerificationError
from secmlops.gateway.exchange import Refused
from secmlops.gateway.failures import response_to


def caused(error, cause):
    error.__cause__ = cause
    return error


def answered(error):
    with pytest.raises(type(error)) as told:
        raise error
    return response_to(told.value)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("x"), 400), (VerificationError("x"), 422), (SecmlopsError("x"), 503), (GateShutError("x"), 503),
        (ValueError("x"), 500), (RecursionError(), 500), (Refused(413), 413), (Refused(401, "why"), 401),
    ],
)  # fmt: skip
def test_each_failure_has_its_status(error, status):
    assert answered(error).status == status


def test_an_error_that_is_not_ours_tells_neither_caller_nor_operator_what_was_sent(caplog):
    response = answered(ValueError("could not convert 'Ada Lovelace' to float"))
    assert json.loads(response.body)["error"] == "something of ours broke"
    (line,) = caplog.records
    assert line.levelno == logging.ERROR
    assert line.exc_info is None
    assert line.getMessage().startswith("broken: ValueError at test_failures.py:")


def test_the_ledgers_place_is_for_the_operator_only(caplog):
    cause = InputError("the disk is full", where="/srv/project/.secmlops/ledger.db")
    response = answered(caused(SecmlopsError("the answer could not be put on record"), cause))
    assert b"/srv" not in response.body
    assert "/srv/project/.secmlops/ledger.db: the disk is full" in caplog.text


def test_a_model_that_fails_is_told_to_the_operator(caplog):
    assert answered(VerificationError("the answers to 1 of 1 rows are not finite")).status == 422
    assert "not finite" in caplog.text


def test_what_was_allowed_instead_is_kept():
    assert (b"allow", b"GET") in answered(Refused(405, headers=((b"allow", b"GET"),))).headers
