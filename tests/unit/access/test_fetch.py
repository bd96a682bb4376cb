"""Fetching: small, quick, plain, or not at all."""

import time

import pytest

from kits.token_issuer import key_server
from secmlops.access import fetch as fetching
from secmlops.access.fetch import MAX_BYTES, check_url, fetch
from secmlops.core.errors import InputError


@pytest.fixture
def server():
    with key_server() as made:
        made.document = b"{}"
        yield made


def plain(handler, status=200, headers=(), body=b""):
    handler.send_response(status)
    for name, value in headers:
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def test_a_document_is_fetched(server):
    assert fetch(server.url + "?a=b") == b"{}"


@pytest.mark.parametrize("status", [201, 204, 301, 302, 404, 500])
def test_anything_but_a_plain_200_is_refused_and_no_redirect_followed(server, status):
    server.answer = lambda h: plain(h, status, [("Location", server.url), ("Content-Length", "0")])
    with pytest.raises(InputError, match=str(status)):
        fetch(server.url)
    assert server.asked == 1


def test_more_than_the_bound_is_refused_without_reading_it(server):
    def flood(handler):
        plain(handler, headers=[("Content-Length", str(2**30))])
        for _ in range(2**14):
            handler.wfile.write(b" " * 2**16)

    server.answer = flood
    started = time.monotonic()
    with pytest.raises(InputError, match=f"more than {MAX_BYTES}"):
        fetch(server.url)
    assert time.monotonic() - started < 5


def test_an_answer_of_the_largest_size_is_taken(server):
    server.document = b" " * MAX_BYTES
    assert len(fetch(server.url)) == MAX_BYTES


@pytest.mark.parametrize("where", ["in the head", "in the body", "nothing comes"])
def test_bytes_that_drip_are_cut_off_at_the_deadline(server, monkeypatch, where):
    monkeypatch.setattr(fetching, "DEADLINE_SECONDS", 0.3)

    def drip(handler):
        if where == "nothing comes":
            server.released.wait(20)
        elif where == "in the body":
            plain(handler)
        for _ in range(200):
            handler.wfile.write(b"X" if where == "in the head" else b" ")
            handler.wfile.flush()
            if server.released.wait(0.05):
                break

    server.answer = drip
    started = time.monotonic()
    with pytest.raises(InputError):
        fetch(server.url)
    assert time.monotonic() - started < 3


def test_what_is_cut_short_is_refused(server):
    def short(handler):
        plain(handler, headers=[("Content-Length", "100")], body=b"{}")
        handler.close_connection = True

    server.answer = short
    with pytest.raises(InputError, match="cut short"):
        fetch(server.url)


def test_where_nobody_listens_is_told(server):
    url = server.url.replace("/keys", "/x")
    with key_server() as gone:
        url = gone.url
    with pytest.raises(InputError, match="cannot be fetched"):
        fetch(url)


def test_what_speaks_no_tls_is_not_asked_in_clear(server):
    with pytest.raises(InputError, match="cannot be fetched"):
        fetch(server.url.replace("http:", "https:"))


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example/keys", "http://127.0.0.1.example/keys", "file:///etc/passwd", "ftp://127.0.0.1/", "", "keys",
        "https://", "https://user:secret@id.example/", "https://id.example/#x", "https://id.example:port/",
        "https://id.example/a b", "https://id.example/\r\nHost: x", "https://[::1", "http://2130706433/",
        "http://localhost.example/", "https://id.example/" + "a" * 1024, "https://\u00efd.example/",
    ],
)  # fmt: skip
def test_what_is_not_https_or_no_plain_url_is_refused(url):
    with pytest.raises(InputError):
        check_url(url, "the address")


@pytest.mark.parametrize(
    "url", ["https://id.example/keys", "http://127.0.0.1:8080/", "http://[::1]/", "http://localhost/"]
)
def test_https_and_loopback_are_taken(url):
    assert check_url(url, "the address").hostname
