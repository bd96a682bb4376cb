"""What the gateway offers, written down as an OpenAPI document."""

from collections.abc import Iterable, Mapping

from secmlops import __version__
from secmlops.core.json import Json
from secmlops.gateway import openapi
from secmlops.gateway.gateway import Gateway
from secmlops.gateway.routes import Rule


def described(gateway: Gateway, rules: Iterable[Rule[Gateway]]) -> Mapping[str, Json]:
    """OpenAPI document of these routes to the models that are served now; raises KeyError for an unknown handler."""
    operations = [
        openapi.Operation(rule.method, rule.path, rule.action, openapi.EXCHANGES[rule.handler.__name__])
        for rule in rules
    ]
    return openapi.document(operations, [served.about for served in gateway.fleet.served], __version__)
