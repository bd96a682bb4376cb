"""Responses: problems that every client understands, and nothing that a cache would keep."""

import json

import pytest

from secmlops.gateway.responses import TITLES, answer, problem, problem_document, text


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
    assert problem(status).media_type == "application/problem+json"


def test_a_stranger_is_told_how_to_ask_and_holds_no_connection():
    headers = problem(401).headers
    assert headers["www-authenticate"].startswith("Bearer")
    assert headers["connection"] == "close"
    assert "connection" not in problem(400).headers


@pytest.mark.parametrize("response", [answer({"a": 1}), text("a"), problem(404), problem(405, "", {"Allow": "GET"})])
def test_no_cache_keeps_a_response(response):
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_headers_of_the_refusal_are_kept():
    assert problem(405, "", {"Allow": "GET"}).headers["allow"] == "GET"


def test_a_document_is_the_same_without_a_response():
    assert problem_document(431) == problem(431).body
