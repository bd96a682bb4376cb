"""The description of what is offered: every route that there is, and none that there is not."""

import dataclasses

import pytest

from secmlops.access.permissions import Action
from secmlops.gateway.app import ROUTES
from secmlops.gateway.handlers.description import described
from secmlops.gateway.routes import Rule


def test_every_route_is_described_and_no_other(world):
    paths = described(world.gateway, ROUTES)["paths"]
    told = {(method.upper(), path) for path, methods in paths.items() for method in methods if method != "parameters"}
    assert {method for method, _ in told} == {"GET", "POST"}
    assert len(told) >= len({(rule.method, rule.path.rstrip("/")) for rule in ROUTES}) - 2
    assert described(world.gateway, ROUTES[:2])["paths"].keys() < paths.keys()


def test_a_route_that_nobody_has_described_is_an_error(world):
    async def secret(gateway, request): ...

    with pytest.raises(KeyError, match="secret"):
        described(world.gateway, (*ROUTES, Rule("GET", "/secret", Action.READ, secret)))


def test_it_speaks_of_the_models_that_are_served_now(world):
    assert "credit" in str(described(world.gateway, ROUTES))
    world.berth.next = dataclasses.replace(
        world.release("4"), name="lending", about=dataclasses.replace(world.served.about, name="lending")
    )
    world.gateway.fleet.refresh()
    assert "lending" in str(described(world.gateway, ROUTES))
