"""The routes: what each answers, who may ask it, and that none can be built without a scope."""

import asyncio
import base64
import json

import numpy as np
import pytest

from kits.gateway_world import ORIGIN, GatewayWorld, body_of
from secmlops import __version__
from secmlops.access.permissions import Action
from secmlops.core.errors import InputError
from secmlops.gateway.app import ROUTES, build_app
from secmlops.gateway.handlers.operation import live
from secmlops.gateway.handlers.predictions import infer
from secmlops.gateway.presence import Presence
from secmlops.gateway.routes import Rule
from secmlops.gateway.upkeep import kept_up
from secmlops.ledger.receipt import verify_receipt
from secmlops.runtime.signature import Inputs
from secmlops.serving.oip import EXTENSIONS
from secmlops.serving.record import PredictionRecord, commitment
from secmlops.trust.roles import Role

IMPLYING = {Action.RECEIPT: {Action.PREDICT}}
WANTED = [("Secmlops-Receipt", "wanted")]


def test_the_server_says_what_it_is(world):
    for path in ("/v2", "/v2/"):
        assert world.ask("GET", path, world.grant()).json == {
            "name": "secmlops",
            "version": __version__,
            "extensions": list(EXTENSIONS),
        }


def test_health_is_told_as_the_protocol_has_it(world):
    assert world.ask("GET", "/v2/health/live").json == {"live": True}
    assert world.ask("GET", "/v2/health/ready").json == {"live": True, "ready": True}


@pytest.mark.parametrize("path", ["/v2/models/credit", "/v2/models/credit/versions/3"])
def test_the_model_and_its_version_describe_themselves(world, path):
    told = world.ask("GET", path, world.grant()).json
    assert (told["name"], told["versions"]) == ("credit", ["3"])
    assert [tensor["name"] for tensor in told["inputs"]] == ["income", "amount", "purpose"]
    assert world.ask("GET", f"{path}/ready", world.grant()).json == {"name": "credit", "ready": True}


@pytest.mark.parametrize(
    "path",
    [
        "/v2/models/other", "/v2/models/Credit", "/v2/models/credit/versions/2", "/v2/models/credit ", "/v2/models/",
        "/v2/models/credit/versions/3 /ready", "/v2/models/credit/versions/03", "/v2/models/../models/credit",
        "/v2/models/credit%00", "/v2/models/..", "/v2/models/credit/ready/",
    ],
)  # fmt: skip
def test_another_model_is_not_here(world, path):
    assert world.ask("GET", path, world.grant()).status == 404


def test_a_prediction_is_the_predictors_own(world):
    rows = 5
    rng = np.random.default_rng(3)
    numbers = rng.normal(size=(rows, 2))
    texts = ["car", "tv", "unknown", "", "car"]
    body = json.dumps(
        {
            "id": "mine",
            "inputs": [
                {"name": "income", "shape": [rows], "datatype": "FP64", "data": numbers[:, 0].tolist()},
                {"name": "amount", "shape": [rows, 1], "datatype": "FP64", "data": numbers[:, 1:].tolist()},
                {"name": "purpose", "shape": [rows], "datatype": "BYTES", "data": texts},
            ],
        }
    ).encode()
    told = world.infer(world.grant(), body).json
    expected = world.predictor.predict(
        Inputs(numbers.astype(np.float32), np.array(texts, object)[:, None]),
    )
    probabilities, label = told["outputs"]
    assert np.array_equal(np.array(probabilities["data"]).reshape(rows, 2), expected)
    assert label["data"] == [("good", "bad")[i] for i in expected.argmax(axis=1)]
    assert (told["id"], told["model_name"], told["model_version"]) == ("mine", "credit", "3")


def test_a_large_request_gives_the_same_answer(world):
    rows = 2000
    body = json.dumps(
        {
            "inputs": [
                {"name": "income", "shape": [rows], "datatype": "FP64", "data": [1.5] * rows},
                {"name": "amount", "shape": [rows], "datatype": "FP64", "data": [0.5] * rows},
                {"name": "purpose", "shape": [rows], "datatype": "BYTES", "data": ["car"] * rows},
            ]
        }
    ).encode()
    key = world.grant()
    many, one = (world.infer(key, b).json["outputs"][0]["data"] for b in (body, body_of()))
    assert many == one * rows


def test_only_the_outputs_that_were_asked_for_are_given(world):
    told = world.infer(world.grant(), body_of(outputs=[{"name": "label"}])).json
    assert [tensor["name"] for tensor in told["outputs"]] == ["label"]


def test_a_prediction_is_on_record_and_opens_with_the_salt(world):
    body = body_of()
    proof = world.infer(world.grant(), body).json["parameters"]
    record = PredictionRecord.from_json(world.traffic.entry(proof["ledger_index"]).data)
    assert record.request == commitment(body, base64.b64decode(proof["salt"]))
    assert record.id == proof["prediction_id"]
    assert "receipt" not in proof


def test_a_receipt_comes_on_request_or_later(world):
    key = world.grant()
    proof = world.infer(key, headers=WANTED).json["parameters"]
    log = world.keys[Role.LOG].public
    leaf = verify_receipt(proof["receipt"], log, f"{ORIGIN}/traffic")
    for which in (proof["ledger_index"], proof["prediction_id"]):
        later = world.ask("GET", f"/receipts/{which}", key)
        assert later.headers["content-type"].startswith("text/plain")
        assert verify_receipt(later.body.decode(), log, f"{ORIGIN}/traffic") == leaf


@pytest.mark.parametrize("index", ["999", "-1", "x", "1.0", "9" * 5000, "٣", "1e3", "0x1", "", "1/2", "0 "])
def test_there_is_no_receipt_where_nothing_is(world, index):
    assert world.ask("GET", f"/receipts/{index}", world.grant()).status == 404


def test_anothers_receipt_looks_like_none(world):
    index = world.infer(world.grant()).json["parameters"]["ledger_index"]
    stranger = world.grant()
    theirs, none = (world.ask("GET", f"/receipts/{i}", stranger) for i in (index, 10**6))
    assert (theirs.status, theirs.body, theirs.headers) == (none.status, none.body, none.headers)
    assert theirs.status == 404


def test_a_wrong_request_is_told_what_is_wrong_with_it_and_not_recorded(world):
    key = world.grant()
    size = world.traffic.size
    reply = world.infer(key, body_of(income="plenty"))
    assert reply.status == 400
    assert "feature income" in reply.json["error"]
    assert reply.headers["content-type"] == "application/problem+json"
    assert world.traffic.size == size


def test_inputs_to_which_the_model_has_no_answer(tmp_path):
    world = GatewayWorld(tmp_path, fragile=True)
    key = world.grant()
    assert world.infer(key, body_of(income=1)).status == 200
    size = world.traffic.size
    assert world.infer(key, body_of(income=None)).status == 422
    assert world.traffic.size == size
    world.close()


def test_every_scope_opens_its_routes_and_no_others(world):
    keys = {scope: world.grant([scope]) for scope in (Action.PREDICT, Action.READ, Action.RECEIPT)}
    for rule in ROUTES:
        if rule.action in keys:
            path = rule.path.format(name="credit", version="3", which="0")
            statuses = {s: world.ask(rule.method, path, key, body_of()).status for s, key in keys.items()}
            assert {s for s, status in statuses.items() if status != 401} - IMPLYING.get(rule.action, set()) == {
                rule.action
            }, rule


def test_another_method_is_told_which_is_offered(world):
    reply = world.ask("DELETE", "/v2/models/credit/infer", world.grant())
    assert (reply.status, reply.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "rule",
    [
        Rule("GET", "/v2/secret", None, live),
        Rule("POST", "/v2/health/live", None, live),
        Rule("GET", "/v2/health/{which}", None, live),
        Rule("GET", "/v2/health/live", Action.READ, live),
    ],
)
def test_a_route_without_a_scope_cannot_be_built(world, rule):
    with pytest.raises(InputError, match="needs the right"):
        build_app(world.gateway, (*ROUTES, rule))


def test_a_fault_of_ours_is_a_500_without_a_traceback(tmp_path, caplog, capfd):
    async def faulty(gateway, request):
        raise ValueError(f"cannot handle {request.body!r}")

    world = GatewayWorld(tmp_path, rules=(Rule("POST", "/v2/models/{name}/infer", Action.PREDICT, faulty),))
    reply = world.infer(world.grant(), b"Ada Lovelace")
    assert (reply.status, reply.json["error"]) == (500, "something of ours broke")
    assert "ValueError at test_app.py" in caplog.text
    assert "Ada" not in caplog.text + "".join(capfd.readouterr())
    world.close()


def test_the_application_reads_the_rights_while_it_lives_and_closes_the_ledger_after(world, monkeypatch):
    key, refreshed = world.grant(), []
    monkeypatch.setattr(world.rights, "refresh", lambda: refreshed.append(1))
    sent = []
    presence = Presence(world.folder / "serving", {})
    app = build_app(world.gateway, lifespan=lambda: kept_up(world.gateway, world.rights, presence))

    async def life():
        inbox = asyncio.Queue()

        async def send(message):
            sent.append(message["type"])

        task = asyncio.create_task(app({"type": "lifespan", "state": {}}, inbox.get, send))
        await inbox.put({"type": "lifespan.startup"})
        await asyncio.sleep(0.1)
        await inbox.put({"type": "lifespan.shutdown"})
        await asyncio.wait_for(task, 5)

    world.runner.run(life())
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert len(refreshed) >= 2
    assert world.infer(key).status == 503


def test_infer_is_the_only_way_to_a_prediction():
    assert {rule.path for rule in ROUTES if rule.handler is infer} == {
        "/v2/models/{name}/infer",
        "/v2/models/{name}/versions/{version}/infer",
    }
