"""The client of the demo: over verified TLS only, and with the gateway's own words when it refuses."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from secmlops.core.errors import VerificationError
from secmlops.gateway.client import infer
from secmlops.gateway.tls import Pair, self_made
from secmlops.workspace import system_clock


class Handler(BaseHTTPRequestHandler):
    """Answers as it is told, and keeps what it was asked."""

    status, body = 200, b'{"outputs": []}'

    def do_POST(self):
        size = int(self.headers["Content-Length"])
        self.server.asked.append((self.path, dict(self.headers), self.rfile.read(size)))
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_):
        """Be quiet."""


class Quiet(HTTPServer):
    """A server that says nothing of callers who do not trust it."""

    def handle_error(self, *_):
        """Be quiet."""


@pytest.fixture
def pair(tmp_path) -> Pair:
    return self_made(tmp_path / "tls", "127.0.0.1", system_clock())


@pytest.fixture
def server(pair) -> Iterator[HTTPServer]:
    with Quiet(("127.0.0.1", 0), Handler) as made:
        made.asked = []
        made.socket = pair.context(system_clock()).wrap_socket(made.socket, server_side=True)
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def ask(server, certificate):
    return infer(server.server_address[1], certificate, "credit", "sk_key", {"inputs": []})


def test_it_asks_for_a_prediction_with_its_receipt(server, pair):
    assert ask(server, pair.certificate) == {"outputs": []}
    ((path, headers, body),) = server.asked
    assert path == "/v2/models/credit/infer"
    assert headers["Authorization"] == "Bearer sk_key"
    assert headers["Secmlops-Receipt"] == "wanted"
    assert body == b'{"inputs": []}'


def test_a_refusal_is_told(server, pair, monkeypatch):
    monkeypatch.setattr(Handler, "status", 503)
    monkeypatch.setattr(Handler, "body", b"not now")
    with pytest.raises(VerificationError, match="answered 503: not now"):
        ask(server, pair.certificate)


def test_a_certificate_that_is_not_trusted_is_sent_no_key(server, tmp_path):
    other = self_made(tmp_path / "other", "127.0.0.1", system_clock())
    for certificate in (other.certificate, None):
        with pytest.raises(ssl.SSLCertVerificationError):
            ask(server, certificate)
    assert server.asked == []
