"""An issuer of tokens: real keys, tokens of every kind, and a real server on loopback that tells the keys."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from kits.loopback import LoopbackServer, QuietHandler

ISSUER = "https://id.example"
AUDIENCE = "secmlops"


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value: int, size: int | None = None) -> str:
    return base64url(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


@cache
def rsa_key(name: str = "one", bits: int = 2048) -> rsa.RSAPrivateKey:
    """A key made once for all tests, by name."""
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(name: str = "one") -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def ed_key(name: str = "one") -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def jwk(key: Any, kid: str = "k1", **more: Any) -> dict[str, Any]:
    """Public half of a key as a JWK."""
    public = key.public_key()
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = public.public_numbers()
        told = {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        point = public.public_numbers()
        told = {"kty": "EC", "crv": "P-256", "x": number(point.x, 32), "y": number(point.y, 32)}
    else:
        told = {"kty": "OKP", "crv": "Ed25519", "x": base64url(public.public_bytes_raw())}
    return {**told, "kid": kid, **more}


def jwks(*keys: Mapping[str, Any]) -> str:
    return json.dumps({"keys": keys})


def signed(key: Any, message: bytes, algorithm: str) -> bytes:
    """JWS signature (RFC 7518, RFC 8037)."""
    if algorithm.startswith("HS"):
        return hmac.new(key, message, hashlib.sha256).digest()
    if algorithm == "RS256":
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    if algorithm == "PS256":
        return key.sign(message, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    if algorithm == "ES256":
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return key.sign(message)


def token_of(header: Any, claims: Any, key: Any, algorithm: str = "RS256") -> str:
    """Token of whatever is given as header and claims: an object, or the very bytes."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, claims)]
    message = ".".join(map(base64url, parts))
    return f"{message}.{base64url(signed(key, message.encode(), algorithm))}"


def claims_at(now: float, **changes: Any) -> dict[str, Any]:
    """Claims of a token that counts for the next hour; what is set to None is left out."""
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "ada@example",
        "exp": now + 3600,
        "iat": now,
        "groups": ["tellers"],
    }
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


class KeyServer:
    """Tells ``document`` to whoever asks; ``answer`` may take over, to misbehave."""

    def __init__(self) -> None:
        self.document = b""
        self.asked = 0
        self.answer: Callable[[BaseHTTPRequestHandler], None] | None = None
        self.released = threading.Event()
        kit = self

        class Handler(QuietHandler):
            def do_GET(self) -> None:
                kit.asked += 1
                if kit.answer is not None:
                    try:
                        kit.answer(self)
                    except (BrokenPipeError, ConnectionResetError):
                        self.close_connection = True
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(kit.document)))
                self.end_headers()
                self.wfile.write(kit.document)

        self._server = LoopbackServer(Handler)

    @property
    def url(self) -> str:
        return f"{self._server.url}/keys"

    def close(self) -> None:
        self.released.set()
        self._server.close()


@contextmanager
def key_server() -> Iterator[KeyServer]:
    server = KeyServer()
    try:
        yield server
    finally:
        server.close()
