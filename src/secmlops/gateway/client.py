"""A client of the gateway, for the drill of a demo: one request over verified TLS, with the standard library."""

import http.client
import json
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from secmlops.core.errors import VerificationError
from secmlops.core.json import Json

TIMEOUT_SECONDS = 30
_RECEIPT_WANTED = {"Secmlops-Receipt": "wanted"}


def infer(port: int, certificate: Path | None, model: str, key: str, request: Mapping[str, Json]) -> dict[str, Any]:
    """Ask the gateway on loopback for a prediction, with its receipt; raises VerificationError when it refuses.

    ``certificate`` is the one to trust; None trusts those of the system.
    """
    context = ssl.create_default_context(cafile=str(certificate) if certificate else None)
    connection = http.client.HTTPSConnection("localhost", port, timeout=TIMEOUT_SECONDS, context=context)
    try:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", **_RECEIPT_WANTED}
        connection.request("POST", f"/v2/models/{model}/infer", json.dumps(request), headers)
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    if response.status != 200:
        raise VerificationError(f"the gateway answered {response.status}: {body[:300].decode(errors='replace')}")
    answer: dict[str, Any] = json.loads(body)
    return answer
