"""The table of routes: nothing that is not in it, and nothing in it without a right."""

import pytest

from secmlops.access.permissions import Action
from secmlops.core.errors import InputError
from secmlops.gateway import routes
from secmlops.gateway.exchange import Refused
from secmlops.gateway.routes import SERVER, RouteTable, Rule


async def handler(state, request):
    """Do something.

    At length.
    """


async def bare(state, request): ...


MODEL = Rule("GET", "/m/{name}", Action.READ, handler)
ASK = Rule("POST", "/m/{name}", Action.PREDICT, handler)
VERSION = Rule("GET", "/m/{name}/v/{version}.json", Action.READ, bare)
ROOT = Rule("GET", "/root", Action.STATUS, handler)
LIVE = Rule("GET", "/v2/health/live", None, handler)


@pytest.fixture
def table() -> RouteTable:
    return RouteTable([MODEL, ASK, VERSION, ROOT, LIVE])


def test_a_path_is_matched_as_a_whole(table) -> None:
    for _ in range(2):  # the second time by heart
        match = table.match("POST", "/m/credit")
        assert (match.rule, match.parameters, match.resource) == (ASK, {"name": "credit"}, "model:credit")
        match = table.match("GET", "/m/credit/v/3.json")
        assert (match.rule, match.parameters) == (VERSION, {"name": "credit", "version": "3"})
        assert table.match("GET", "/root").resource == SERVER
        assert table.match("GET", "/v2/health/live").rule is LIVE


@pytest.mark.parametrize(
    "path", ["", "/", "/m", "/m/", "/m/a/", "/m/a/b", "/m/credit/v/3xjson", "/root\n", "//root", "/Root", "x/root"]
)
def test_anything_else_is_not_there(table, path) -> None:
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            table.match("GET", path)
        assert refused.value.status == 404


def test_another_method_is_told_which_are_offered(table) -> None:
    with pytest.raises(Refused) as refused:
        table.match("DELETE", "/m/credit")
    assert (refused.value.status, refused.value.headers) == (405, ((b"allow", b"GET, POST"),))


def test_what_is_known_by_heart_is_bounded(table, monkeypatch) -> None:
    monkeypatch.setattr(routes, "_REMEMBERED", 10)
    for place in range(100):
        assert table.match("GET", f"/m/{place}").parameters == {"name": str(place)}
        assert table.match("GET", f"/m/{'x' * 1000}{place}").parameters["name"].endswith(str(place))
        assert len(table._known) <= 10
    assert max(len(path) for _, path in table._known) < 300


@pytest.mark.parametrize(
    "rule", [Rule("GET", "/open", None, handler), Rule("GET", "/v2/health/live", Action.READ, handler)]
)
def test_a_route_without_a_right_and_a_public_one_with_one_cannot_be(rule) -> None:
    with pytest.raises(InputError, match="needs the right"):
        RouteTable([MODEL, rule])


def test_a_rule_says_what_it_does() -> None:
    assert MODEL.summary == "Do something."
    assert VERSION.summary == ""
