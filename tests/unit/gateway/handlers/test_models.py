"""What there is to know about a model: for whoever may read it, as long as it may answer."""

import pytest

from secmlops.access.permissions import Action

PATHS = ("/v2/models/credit", "/v2/models/credit/versions/3")


@pytest.mark.parametrize("path", PATHS)
def test_a_model_is_described_with_its_tensors(world, path):
    told = world.ask("GET", path, world.grant([Action.READ])).json
    assert (told["name"], told["versions"], told["platform"]) == ("credit", ["3"], told["platform"])
    assert [(t["name"], t["datatype"]) for t in told["inputs"]] == [
        ("income", "FP64"), ("amount", "FP64"), ("purpose", "BYTES")
    ] or [t["name"] for t in told["inputs"]] == ["income", "amount", "purpose"]  # fmt: skip
    assert {t["name"] for t in told["outputs"]} == {"probabilities", "label"}


@pytest.mark.parametrize("path", PATHS)
def test_a_model_says_whether_it_can_answer(world, path):
    key = world.grant([Action.READ])
    assert world.ask("GET", f"{path}/ready", key).json == {"name": "credit", "ready": True}
    world.berth.why = "revoked"
    world.gateway.fleet.refresh()
    for one in (path, f"{path}/ready"):
        reply = world.ask("GET", one, key)
        assert (reply.status, reply.json["detail"]) == (503, "the release was withdrawn")


def test_another_version_is_not_there(world):
    key = world.grant([Action.READ])
    for path in ("/v2/models/credit/versions/2", "/v2/models/credit/versions/2/ready", "/v2/models/other/ready"):
        assert world.ask("GET", path, key).status == 404
