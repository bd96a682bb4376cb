"""Responses: problems that every client understands, and nothing that a cache would keep."""

import json

import pytest

from secmlops.gateway.responses import TITLES, answer, encoded, problem, problem_document, text

ALLOW = ((b"allow", b"GET"),)


@pytest.mark.parametrize("status", sorted(TITLES))
def test_a_problem_says_the_same_to_both_kinds_of_clients(status):
    told = json.loads(problem(status, "what is wrong").body)
    assert told == {
        "type": "about:blank",
        "title": TITLES[status],
        "status": status,
        "detail": "what is wrong",
        "error": "what is wrong",
    }
    assert json.loads(problem(status).body)["error"] == TITLES[status]
    assert dict(problem(status).headers)[b"content-type"] == b"application/problem+json"


def test_a_stranger_is_told_how_to_ask_and_holds_no_connection():
    headers = dict(problem(401).headers)
    assert headers[b"www-authenticate"].startswith(b"Bearer")
    assert headers[b"connection"] == b"close"
    assert b"connection" not in dict(problem(400).headers)


@pytest.mark.parametrize(
    "response",
    [
        answer({"a": 1}),
        encoded(b"1"),
        encoded(b"1", {"Content-Type": "a/b"}),
        text("a"),
        problem(404),
        problem(405, "", ALLOW),
    ],
)
def test_no_cache_keeps_a_response(response):
    assert dict(response.headers)[b"cache-control"] == b"no-store"
    assert dict(response.headers)[b"x-content-type-options"] == b"nosniff"


def test_headers_of_the_refusal_are_kept():
    assert problem(405, "", ALLOW).headers[-1] == ALLOW[0]


def test_a_document_is_the_same_without_a_response():
    assert problem_document(431) == problem(431).body
