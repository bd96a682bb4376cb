"""Simulated customers ask what they are meant to ask."""

from itertools import islice

import numpy as np
import pytest

from secmlops.assurance.clients import HONEST
from secmlops.attack.thieves import joined
from secmlops.runtime.signature import Inputs

GENERATOR = np.random.default_rng(0)
ROWS = Inputs(
    GENERATOR.normal(size=(200, 3)).astype(np.float32),
    np.array(["red", "green"], object)[GENERATOR.integers(2, size=(200, 2))],
)
PLAIN = Inputs(ROWS.numeric, np.empty((200, 0), object))
TEXTS = Inputs(np.empty((200, 0), np.float32), ROWS.categorical)


@pytest.mark.parametrize("name", ["independent", "bursty", "batch"])
@pytest.mark.parametrize("rows", [ROWS, PLAIN, TEXTS])
def test_honest_clients_ask_natural_rows(name, rows):
    known = {(row.tobytes(), *texts) for row, texts in zip(rows.numeric, rows.categorical, strict=True)}
    for part in islice(HONEST[name](rows, np.random.default_rng(1)), 3):
        assert {(row.tobytes(), *texts) for row, texts in zip(part.numeric, part.categorical, strict=True)} <= known


@pytest.mark.parametrize("rows", [ROWS, PLAIN, TEXTS])
def test_over_and_over_asks_about_few_cases(rows):
    client = HONEST["over_and_over"](rows, np.random.default_rng(1))
    asked_rows = joined(list(islice(client, 10)))
    whole = [(row.tobytes(), *texts) for row, texts in zip(asked_rows.numeric, asked_rows.categorical, strict=True)]
    commonest = max(whole.count(one) for one in set(whole))
    assert commonest > len(whole) / 10
