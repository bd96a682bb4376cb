"""Predictions: validated, guarded, hardened by role and by suspicion, watched, charged, and put on record."""

import dataclasses
import gzip
import json

import numpy as np
import pytest

from kits.explain_world import FEATURES, fitted
from kits.gateway_world import MAC_KEY, SIGNATURE, GatewayWorld, body_of
from secmlops.access.administration import Administration
from secmlops.access.entries import append_changes
from secmlops.access.keys import Narrowing
from secmlops.core.task import Task
from secmlops.detect.guard import Guard
from secmlops.explain.making import Making, make_explainer
from secmlops.gateway.handlers.predictions import EXPLANATION_COST
from secmlops.gateway.served import Served
from secmlops.runtime.signature import FeatureKind, Inputs
from secmlops.serving.answer import Model
from secmlops.serving.decision import Decider
from secmlops.serving.harden import Hardening
from secmlops.serving.limits import LimitSettings
from secmlops.serving.record import PredictionRecord
from secmlops.serving.settings import GuardPolicy, GuardSettings
from secmlops.serving.validation import Deviation, ValidationSettings, Validator
from secmlops.training.models import logistic_regression
from secmlops.trust.roles import Role

FAR = 1e6


@pytest.fixture(scope="module")
def guard() -> Guard:
    rng = np.random.default_rng(3)

    def sample(count: int) -> Inputs:
        return Inputs(
            rng.normal(1, 1, (count, 2)).astype(np.float32), rng.choice(["car", "tv"], (count, 1)).astype(object)
        )

    return Guard.fit(sample(400), sample(200), 0.01, rng)


def rows(*incomes: float) -> bytes:
    """Body of a request with so many rows."""
    count = len(incomes)
    tensors = [
        {"name": "income", "shape": [count], "datatype": "FP64", "data": list(incomes)},
        {"name": "amount", "shape": [count], "datatype": "FP64", "data": [0.5] * count},
        {"name": "purpose", "shape": [count], "datatype": "BYTES", "data": ["car"] * count},
    ]
    return json.dumps({"inputs": tensors}).encode()


def scores_of(reply) -> list[list[float]]:
    return np.array(reply.json["outputs"][0]["data"]).reshape(-1, 2).tolist()


def label_of(reply) -> list[str]:
    return reply.json["outputs"][1]["data"]


def recorded(world: GatewayWorld, reply) -> PredictionRecord:
    return PredictionRecord.from_json(world.traffic.entry(reply.json["parameters"]["ledger_index"]).data)


@pytest.mark.parametrize("policy", [GuardPolicy.OFF, GuardPolicy.FLAG, GuardPolicy.REFUSE, GuardPolicy.FALLBACK])
def test_the_guards_policy_decides_over_strange_rows(open_world, guard, policy):
    fallback = "bad" if policy is GuardPolicy.FALLBACK else None
    world = open_world(guard, guard=GuardSettings(policy=policy, fallback=fallback))
    key = world.grant()
    usual, strange = world.infer(key, rows(1.0)), world.infer(key, rows(1.0, -FAR))
    plain = scores_of(usual)[0]
    assert usual.status == 200
    assert "flags" not in usual.json["parameters"]
    events = world.gateway.metrics.events["guard", policy]
    if policy is GuardPolicy.REFUSE:
        assert strange.status == 422
        assert str(FAR) not in strange.body.decode()
        assert (world.traffic.size, events) == (1, 1)
        return
    assert strange.status == 200
    assert scores_of(strange)[0] == plain
    assert scores_of(strange)[1] == ([0.0, 1.0] if fallback else pytest.approx([1.0, 0.0]))
    assert label_of(strange)[1] == (fallback or "good")
    told = {GuardPolicy.OFF: "", GuardPolicy.FLAG: "strange:1", GuardPolicy.FALLBACK: "fallback:1"}[policy]
    assert strange.json["parameters"].get("flags", "") == told
    assert recorded(world, strange).verdicts.guard == told
    assert events == (1 if told else 0)


def test_what_is_unusual_is_flagged_or_refused(open_world):
    unseen = open_world()
    reply = unseen.infer(unseen.grant(), body_of(purpose="boat"))
    assert reply.json["parameters"]["flags"] == "category:purpose"
    assert recorded(unseen, reply).verdicts.validation == "category:purpose"
    strict = open_world(validation=ValidationSettings(category=Deviation.REFUSE))
    refused = strict.infer(strict.grant(), body_of(purpose="boat"))
    assert refused.status == 400
    assert "feature purpose" in refused.json["error"]
    assert strict.traffic.size == 0


OUTPUTS = {"caller": Hardening(digits=1), "engineer": Hardening(label_only=True)}


def test_outputs_are_hardened_by_role_and_the_record_is_of_what_was_told(open_world):
    world = open_world(outputs=OUTPUTS)
    caller, engineer, validator = (world.member(role, role) for role in ("caller", "engineer", "validator"))
    exact = world.infer(validator)
    rounded, label = world.infer(caller), world.infer(engineer)
    assert scores_of(rounded) == np.round(scores_of(exact), 1).tolist()
    assert scores_of(label) == [[0.0, 1.0]]
    assert label_of(exact) == label_of(rounded) == label_of(label) == ["bad"]
    answers = {recorded(world, reply).answer for reply in (exact, rounded, label)}
    assert len(answers) == 3
    assert not recorded(world, rounded).verdicts.watch


def test_a_suspected_client_sees_the_label_alone_until_the_suspicion_ends(open_world):
    world = open_world(outputs=OUTPUTS)
    key = world.member("ada", "validator")
    who = f"key:{key[3:15]}"
    world.gateway.clients._hardened.impose(who, 0.0, 1e12)
    reply = world.infer(key)
    assert scores_of(reply) == [[0.0, 1.0]]
    assert recorded(world, reply).verdicts.watch == "hardened"
    assert reply.json["parameters"]["flags"] == "hardened"
    assert scores_of(world.infer(world.grant())) != [[0.0, 1.0]]
    world.gateway.clients._hardened.impose(who, 0.0, 0.0)
    assert scores_of(world.infer(key)) != [[0.0, 1.0]]


def test_noise_is_the_same_for_the_same_row_in_any_company(open_world):
    world = open_world(outputs={"*": Hardening(noise=0.3)})
    key = world.grant()
    alone = scores_of(world.infer(key, rows(1.0)))[0]
    exact = world.predictor.predict(SIGNATURE.encode({"income": [1.0], "amount": [0.5], "purpose": ["car"]}))[0]
    assert alone != pytest.approx(exact, abs=1e-6)
    assert sum(alone) == pytest.approx(1)
    for company in (rows(1.0), rows(1.0, 2.0), rows(1.0, 3.0, 1.0)):
        assert scores_of(world.infer(key, company))[0] == pytest.approx(alone)
    offsets = [
        np.log(s[1] / s[0]) - (n + 0.5 + 0.25) for n, (s) in enumerate(scores_of(world.infer(key, rows(0, 1, 2))))
    ]
    assert len(np.unique(np.round(offsets, 9))) == 3


def test_a_suspected_client_may_be_blocked_or_slowed_down(open_world):
    world = open_world(limits=LimitSettings(rate=1e-9, burst=100))
    key = world.grant()
    who = f"key:{key[3:15]}"
    assert world.infer(key).status == 200
    world.gateway.clients._blocked.impose(who, 0.0, 1e12)
    assert world.infer(key).status == 401
    world.gateway.clients._blocked.impose(who, 0.0, 0.0)
    world.gateway.limiter.tighten(who, 50.0, 0.0, 1e12)
    assert [world.infer(key).status for _ in range(3)] == [200, 200, 429]


def test_every_prediction_is_seen_by_the_watch(world, monkeypatch):
    seen = []
    monkeypatch.setattr(world.gateway.clients, "seen", seen.append)
    key = world.grant()
    world.infer(key, rows(1.0, 2.0))
    ((who, model, inputs, scores, strange, _),) = seen
    assert (who, model, len(inputs), len(scores), strange) == (f"key:{key[3:15]}", world.served.key, 2, 2, None)


def test_rows_are_charged_before_anything_is_decided(open_world, monkeypatch):
    world = open_world(limits=LimitSettings(rate=1e-9, burst=10))
    key = world.grant()
    assert world.infer(key, rows(*range(8))).status == 200
    monkeypatch.setattr(world.gateway.engine, "decide", lambda *_: pytest.fail("decided"))
    assert world.infer(key, rows(1, 2, 3)).status == 429
    assert world.traffic.size == 1


def test_the_watch_never_sees_what_was_not_decided(world, monkeypatch):
    monkeypatch.setattr(world.gateway.clients, "seen", lambda _: pytest.fail("seen"))
    assert world.infer(world.grant(), b"{}").status == 400


CSV = b"income,amount,purpose\n1.5,0.5,car\n"


def test_invocations_answer_by_name_or_for_the_only_model(world):
    for path in ("/invocations", "/v2/models/credit/invocations"):
        key = world.grant()
        reply = world.ask("POST", path, key, CSV, [("Content-Type", "text/csv")])
        assert reply.status == 200, reply
        many = CSV + b"1.5,0.5,car\n" * 4000
        assert world.ask("POST", path, key, many, [("Content-Type", "text/csv")]).status == 200
        assert world.ask("POST", path, key, CSV, [("Content-Type", "text/html")]).status == 415
    key = world.grant()
    assert world.ask("POST", "/v2/models/other/invocations", key, CSV, [("Content-Type", "text/csv")]).status == 404


def test_the_only_model_may_still_not_be_ones_own(open_world):
    world = open_world()

    def append(change):
        append_changes(world.ledger, [change], world.keys[Role.GATEWAY])

    administration = Administration(world.book, MAC_KEY, lambda: world.now, append)
    administration.set_user("ada", ["caller"])
    key, _ = administration.grant("ada", Narrowing(scopes=("*",), models=("other",)))
    assert world.ask("POST", "/invocations", key, CSV, [("Content-Type", "text/csv")]).status == 401


def test_a_compressed_body_is_unpacked_within_its_bound(world):
    key = world.grant()

    def asked(body: bytes, coding: str):
        return world.ask("POST", "/v2/models/credit/infer", key, body, [("Content-Encoding", coding)])

    assert asked(gzip.compress(body_of()), "gzip").status == 200
    assert asked(gzip.compress(body_of()), " GZIP").status == 200
    assert asked(body_of(), "identity").status == 200
    assert asked(body_of(), "br").status == 415
    assert asked(gzip.compress(b" " * 2**24), "gzip").status == 400
    assert asked(b"no gzip", "gzip").status == 400


def test_a_receipt_comes_to_its_owner_alone(world):
    key = world.grant()
    reply = world.infer(key, headers=[("Secmlops-Receipt", "wanted")])
    which = reply.json["parameters"]["prediction_id"]
    assert reply.json["parameters"]["receipt"]
    assert world.ask("GET", f"/receipts/{which}", key).status == 200
    assert world.ask("GET", f"/receipts/{which}", world.grant()).status == 404


# reasons


@pytest.fixture(scope="module")
def explained():
    model, predictor, train = fitted(logistic_regression, Task.BINARY)
    return make_explainer(model, predictor, train, Making(rows=20)), predictor


@pytest.fixture
def explaining(open_world, explained):
    """Gateway whose model has an explainer."""

    def make(guard: Guard | None = None, policy: GuardPolicy = GuardPolicy.OFF, **settings) -> GatewayWorld:
        world = open_world(**settings)
        explainer, predictor = explained
        about = Model("credit", "4", predictor.signature)
        validator = Validator(predictor.signature, world.settings.validation)
        decider = Decider(predictor, guard, policy)
        world.berth.next = Served("credit", "4", world.served.release, predictor, decider, validator, about, explainer)
        world.gateway.fleet.refresh()
        return world

    return make


def question(count: int = 1) -> bytes:
    tensors = [
        {
            "name": feature.name,
            "shape": [count],
            "datatype": "FP64" if feature.kind is FeatureKind.NUMERIC else "BYTES",
            "data": [1.0 if feature.kind is FeatureKind.NUMERIC else feature.categories[0]] * count,
        }
        for feature in FEATURES
    ]
    return json.dumps({"inputs": tensors}).encode()


def why(world: GatewayWorld, key: str, body: bytes | None = None):
    return world.ask("POST", "/v2/models/credit/explain", key, question() if body is None else body)


def test_reasons_are_given_in_numbers_and_in_words(explaining):
    world = explaining()
    size = world.traffic.size
    (row,) = why(world, world.grant()).json["rows"]
    total = sum(one["contribution"] for one in row["contributions"])
    assert row["base"] + total == pytest.approx(row["output"], rel=1e-5)
    assert world.traffic.size == size


def test_a_model_without_an_explainer_gives_none(world):
    assert world.ask("POST", "/v2/models/credit/explain", world.grant(), body_of()).status == 404


def test_an_explanation_is_charged_as_a_hundred_rows(explaining):
    world = explaining(limits=LimitSettings(rate=1e-9, burst=3 * EXPLANATION_COST))
    key = world.grant()
    assert EXPLANATION_COST == 100
    assert [why(world, key).status for _ in range(4)] == [200, 200, 200, 429]


def test_reasons_give_nothing_away_that_hardened_scores_hide(explaining):
    world = explaining(outputs={"caller": Hardening(digits=1)})
    caller, validator = world.member("ada", "caller"), world.member("bob", "validator")
    (full,), (words,) = (why(world, key).json["rows"] for key in (validator, caller))
    assert words["reasons"] == full["reasons"]
    assert not words.keys() & {"base", "output", "contributions", "decided"}
    world.gateway.clients._hardened.impose(f"key:{validator[3:15]}", 0.0, 1e12)
    assert why(world, validator).json["rows"] == [words]


def test_a_thief_who_asks_for_reasons_is_seen_too(explaining, monkeypatch):
    world, seen = explaining(), []
    monkeypatch.setattr(world.gateway.clients, "seen", seen.append)
    why(world, world.grant(), question(2))
    assert [len(query.inputs) for query in seen] == [2]


def test_reasons_for_strange_rows_are_refused_where_answers_are(explaining, monkeypatch):
    class Strict:
        @staticmethod
        def flags(inputs):
            return np.ones(len(inputs), bool)

    assert _status(explaining(Strict(), GuardPolicy.REFUSE)) == 422
    assert _status(explaining(Strict(), GuardPolicy.FLAG)) == 200


def _status(world: GatewayWorld) -> int:
    return why(world, world.grant()).status


def test_too_many_rows_to_explain_are_a_request_that_cannot_be_used(explaining):
    world = explaining()
    assert why(world, world.grant(), question(33)).status == 400


def test_a_release_is_found_by_its_version_for_reasons_too(explaining):
    world = explaining()
    key = world.grant()
    assert world.ask("POST", "/v2/models/credit/versions/4/explain", key, question()).status == 200
    assert world.ask("POST", "/v2/models/credit/versions/3/explain", key, question()).status == 404
    assert dataclasses.is_dataclass(world.gateway.fleet.only())
