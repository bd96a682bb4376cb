"""Plans are made once per signature and kept for it alone."""

import copy

import numpy as np

from kits.questions import NUMBERS_ONLY, SIGNATURE
from secmlops.serving.plan import Plan, plan_of


def test_a_plan_is_made_once_for_each_signature():
    assert plan_of(SIGNATURE) is plan_of(SIGNATURE)
    assert plan_of(SIGNATURE) is not plan_of(copy.copy(SIGNATURE))
    assert plan_of(NUMBERS_ONLY).signature is NUMBERS_ONLY


def test_many_signatures_do_not_pile_up():
    signatures = [copy.copy(SIGNATURE) for _ in range(200)]
    for signature in signatures:
        assert plan_of(signature).signature is signature


def test_columns_are_numbered_numbers_first():
    plan = Plan.of(SIGNATURE)
    assert plan.places == {"income": 0, "amount": 1, "purpose": 2}
    assert plan.blocks == {"numeric": 2, "categorical": 1}
    assert Plan.of(NUMBERS_ONLY).blocks == {"numeric": 3}


def test_a_row_is_what_the_signature_encodes():
    rng = np.random.default_rng(3)
    plan = Plan.of(SIGNATURE)
    for _ in range(200):
        row = [float(rng.normal() * 10.0 ** rng.integers(-45, 38)), int(rng.integers(-(2**62), 2**62)), "tv"]
        encoded = SIGNATURE.encode({"income": row[:1], "amount": row[1:2], "purpose": row[2:]})
        found = plan.one_row(row)
        assert found is not None
        assert found.numeric.tobytes() == encoded.numeric.tobytes()
