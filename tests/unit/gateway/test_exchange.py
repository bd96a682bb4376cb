"""Requests and responses: plain values, and the two messages that a response is sent in."""

import asyncio

import pytest

from secmlops.access.identity import Identity
from secmlops.gateway.exchange import Refused, Request, Response


def test_a_header_is_there_or_empty() -> None:
    request = Request("GET", "/", {b"accept": b"caf\xe9"}, "192.0.2.1")
    assert request.header(b"accept") == "café"
    assert request.header(b"other") == ""


def test_a_route_with_a_caller_cannot_be_reached_without_one() -> None:
    request = Request("GET", "/v2", {}, "192.0.2.1")
    with pytest.raises(RuntimeError, match="GET /v2 was reached without an identity"):
        _ = request.caller
    request.identity = Identity("key:1", "ada")
    assert request.caller is request.identity


def test_a_response_is_sent_with_its_length() -> None:
    sent = []

    async def send(message: dict) -> None:
        sent.append(message)

    response = Response(200, ((b"a", b"1"),), b"body").with_header(b"b", b"2")
    asyncio.run(response.send(send))
    assert sent == [
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"a", b"1"), (b"b", b"2"), (b"content-length", b"4")],
        },
        {"type": "http.response.body", "body": b"body"},
    ]


def test_a_refusal_says_how_it_is_answered() -> None:
    refused = Refused(429, "too much", ((b"retry-after", b"1"),))
    assert (refused.status, refused.detail, str(refused)) == (429, "too much", "too much")
    assert Refused(404).headers == ()
