"""The watch as the gateway uses it: queries, refused credentials, requests in vain."""

import msgspec
import numpy as np
import pytest

from secmlops.core.errors import VerificationError
from secmlops.core.task import Task
from secmlops.detect.clients.habits import Habits
from secmlops.detect.clients.table import OFTEN
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature
from secmlops.serving.watch import Query, Watch, WatchAnswer, WatchSettings

WEIGHTS = np.array([1.0, -1, 0.5, 2])
KINDS = ("red", "green", "blue")
NUMERIC = tuple(Feature(name=f"x{i}", kind=FeatureKind.NUMERIC) for i in range(4))
SIGNATURE = Signature(
    task=Task.BINARY,
    features=(*NUMERIC, Feature(name="colour", kind=FeatureKind.CATEGORICAL, categories=KINDS)),
    classes=("no", "yes"),
)


def natural(number, seed):
    generator = np.random.default_rng(seed)
    base = generator.normal(size=(number, 2)) @ np.array([[1, 1, 0.5, 1], [0, 1, -1, 1]])
    colours = np.array(KINDS, object)[generator.integers(3, size=number)][:, None]
    return Inputs((base + 0.3 * generator.normal(size=(number, 4))).astype(np.float32), colours)


def scores(inputs):
    yes = 1 / (1 + np.exp(-(inputs.numeric @ WEIGHTS)))
    return np.stack([1 - yes, yes], axis=1)


def margins(inputs):
    return np.abs(2 * scores(inputs)[:, 1] - 1)


HABITS = Habits.learn(natural(600, 1), natural(600, 2), margins(natural(600, 2)), np.random.default_rng(3)).to_bytes()
SYNTHETIC = Inputs(
    np.random.default_rng(4).uniform(-4, 4, (120, 4)).astype(np.float32), np.full((120, 1), "red", object)
)


def watching(habits=HABITS, **settings):
    watch = Watch(WatchSettings(**settings), b"secret", np.random.default_rng(5))
    watch.learn("credit", habits, SIGNATURE)
    return watch


def query(inputs, row, who="key:thief", model="credit"):
    one = inputs.take(np.array([row]))
    return Query(who, model, one, scores(one), None, float(row))


def asked(watch, inputs, who="key:thief", model="credit"):
    return watch.queries([query(inputs, row, who, model) for row in range(len(inputs))])


def test_a_thief_is_suspected_and_the_setting_answers():
    first = asked(watching(extraction=WatchAnswer.BLOCK), SYNTHETIC)[0]
    assert (first.who, first.name, first.kind, first.answer) == (
        "key:thief",
        "key:thief",
        "strange-queries",
        WatchAnswer.BLOCK,
    )
    assert first.requests <= 30
    assert first.strength >= 1e4


def test_an_honest_client_is_not():
    assert asked(watching(), natural(500, 6)) == []


def test_a_thief_between_honest_clients_is_the_only_one_suspected():
    watch, honest = watching(), natural(120, 7)
    mixed = [
        one for row in range(120) for one in (query(honest, row, "key:honest"), query(SYNTHETIC, row, "key:thief"))
    ]
    found = [suspicion for start in range(0, 240, 48) for suspicion in watch.queries(mixed[start : start + 48])]
    assert {suspicion.who for suspicion in found} == {"key:thief"}


def test_a_table_of_many_rows_is_judged_by_some_of_them():
    many = Inputs(np.tile(SYNTHETIC.numeric, (10, 1)), np.tile(SYNTHETIC.categorical, (10, 1)))
    found = watching().queries([Query("key:thief", "credit", many, scores(many), None, 0.0)])
    assert found
    assert max(suspicion.requests for suspicion in found) <= 256


def test_undecided_rows_get_the_answer_to_a_search_of_the_boundary():
    pool = natural(40_000, 8)
    near = pool.take(np.argsort(margins(pool))[:200])
    kinds = {suspicion.kind: suspicion.answer for suspicion in asked(watching(boundary=WatchAnswer.HARDEN), near)}
    assert kinds["boundary-queries"] is WatchAnswer.HARDEN


def spares(watch, number, honest, who="key:calm"):
    """Which of a client's queries are passed over, the others being looked at."""
    told = []
    for row in range(number):
        one = query(honest, row % len(honest), who)
        told.append(watch.spares(one))
        if not told[-1]:
            assert watch.queries([one]) == []
    return told


def test_of_a_calm_client_a_share_is_looked_at_and_of_others_everything():
    watch, honest = watching(attention=0.5), natural(500, 6)
    told = spares(watch, 1200, honest)
    assert not any(told[:256])
    assert 0.3 < np.mean(told[300:]) < 0.7
    assert not watch.spares(query(honest, 0, "key:new"))
    assert watch.spares(query(honest, 0, model="unwatched"))
    table = Query("key:calm", "credit", honest, scores(honest), None, 0.0)
    assert not any(watch.spares(table) for _ in range(100))


def test_a_calm_client_who_turns_thief_is_found_within_the_longest_gap():
    watch = watching()
    spares(watch, 400, natural(400, 6))
    found = []
    for row in range(120):
        one = query(SYNTHETIC, row, "key:calm")
        if not watch.spares(one):
            found += watch.queries([one])
    assert {one.kind for one in found} >= {"strange-queries"}
    assert 400 < found[0].requests <= 400 + 96 + 24


def test_with_a_budget_everything_is_counted():
    assert not any(spares(watching(budget=10_000, attention=0.1), 600, natural(600, 6)))


def test_a_budget_is_told():
    found = asked(watching(budget=50), natural(220, 9))
    assert "volume" in {suspicion.kind for suspicion in found}


@pytest.mark.parametrize("settings", [{"enabled": False}, {}])
def test_without_habits_or_when_switched_off_queries_are_not_watched(settings):
    watch = watching(HABITS if settings else None, **settings)
    assert asked(watch, SYNTHETIC) == []


def test_habits_that_come_again_keep_what_was_seen_and_other_habits_do_not():
    watch = watching(budget=60)
    assert asked(watch, natural(50, 9)) == []
    watch.learn("credit", HABITS, SIGNATURE)
    assert [one.kind for one in asked(watch, natural(30, 10))] == ["volume"]
    other = Habits.learn(natural(600, 11), natural(600, 2), margins(natural(600, 2)), np.random.default_rng(3))
    watch.learn("credit", other.to_bytes(), SIGNATURE)
    assert asked(watch, natural(30, 12)) == []


def test_reloads_do_not_add_up_and_what_is_served_on_keeps_what_was_seen():
    watch = watching(budget=60)
    assert asked(watch, natural(50, 9)) == []
    for version in range(20):
        watch.learn(f"version {version}", HABITS, SIGNATURE)
        watch.keep({"credit", f"version {version}"})
    assert set(watch._models) == {"credit", "version 19"}
    assert [one.kind for one in asked(watch, natural(30, 10))] == ["volume"]
    watch.keep(set())
    assert asked(watch, SYNTHETIC) == []


def test_habits_of_another_model_are_refused():
    with pytest.raises(VerificationError, match="other features"):
        watching().learn("credit", HABITS, Signature(task=Task.BINARY, features=NUMERIC, classes=("no", "yes")))
    with pytest.raises(VerificationError):
        watching(HABITS[:-1])


def test_a_query_to_a_version_no_longer_served_is_passed_over():
    inputs = Inputs(np.zeros((1, 9), np.float32), np.empty((1, 0), object))
    assert watching().queries([Query("key:a", "credit", inputs, np.array([[0.5, 0.5]]), None, 0.0)]) == []


def test_many_keys_from_one_address_are_guessing():
    watch = watching(guessing=WatchAnswer.BLOCK)
    found = [one for i in range(40) for one in watch.failed("address:192.0.2.1", f"sk_{i}", float(i))]
    assert [(one.who, one.kind, one.answer) for one in found] == [("address:192.0.2.1", "guessing", WatchAnswer.BLOCK)]
    assert found[0].requests <= 30


def test_evidence_names_an_address_by_a_keyed_digest_only():
    (found,) = [one for i in range(40) for one in watching_once.failed("address:192.0.2.1", f"sk_{i}", float(i))]
    assert found.name.startswith("address ")
    assert "192.0.2.1" not in found.name + found.message
    other = Watch(WatchSettings(), b"another", np.random.default_rng(5))
    (again,) = [one for i in range(40) for one in other.failed("address:192.0.2.1", f"sk_{i}", float(i))]
    assert again.name != found.name


watching_once = watching()


def test_one_wrong_credential_repeated_takes_longer_to_be_guessing():
    watch = watching()
    found = [i for i in range(100) if watch.failed("address:192.0.2.1", "sk_old", i / 10)]
    assert len(found) == 1
    assert found[0] >= 55


def test_one_key_tried_from_many_addresses_is_told_but_does_not_lock_out_its_holder():
    watch = watching(guessing=WatchAnswer.BLOCK)
    key = f"sk_{'ab' * 6}_{'x' * 43}"
    found = [one for i in range(40) for one in watch.failed(f"address:192.0.2.{i}", key, float(i))]
    assert [(one.who, one.answer) for one in found] == [(f"key:{'ab' * 6}", WatchAnswer.ALERT)]


def test_different_paths_in_vain_are_scanning_and_one_path_is_not():
    watch = watching(scanning=WatchAnswer.TIGHTEN)
    assert [one for i in range(20) for one in watch.refused("key:a", "/v2/models/typo", i / 10)] == []
    found = [one for i in range(40) for one in watch.refused("key:b", f"/admin/{i}", i / 10)]
    assert [(one.who, one.kind, one.answer) for one in found] == [("key:b", "scanning", WatchAnswer.TIGHTEN)]


def test_failures_long_ago_do_not_count():
    watch = watching()
    assert [one for i in range(300) for one in watch.failed("address:a", "sk_old", i * 300.0)] == []


def test_switched_off_nothing_is_counted():
    watch = watching(enabled=False)
    assert not any(watch.failed("address:a", str(i), 0.0) or watch.refused("key:a", str(i), 0.0) for i in range(200))


def test_a_flood_of_ids_pushes_no_thief_out():
    watch = watching(clients=16)
    honest = natural(1, 6)
    found = []
    for row in range(60):
        found += watch.queries([query(SYNTHETIC, row)])
        if row > OFTEN:
            found += watch.queries([query(honest, 0, f"key:{row}-{i}") for i in range(20)])
    assert {one.who for one in found} == {"key:thief"}


@pytest.mark.parametrize(
    "wrong",
    [{"error": 0}, {"minutes": 0}, {"extraction": "shrug"}, {"clients": 1}, {"surprise": 1}, {"different": 999}],
)
def test_settings_are_strict(wrong):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, WatchSettings)


def test_every_setting_is_described():
    fields = msgspec.json.schema(WatchSettings)["$defs"]["WatchSettings"]["properties"]
    assert all(field.get("description") or "allOf" in field or "anyOf" in field for field in fields.values())
