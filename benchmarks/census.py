"""A made-up table like a census: six quasi-identifiers, an occupation, and an income that depends on them."""

import numpy as np
import pyarrow as pa

QUASI_IDENTIFIERS = ("age", "education", "marital", "sex", "country", "hours")
LABEL = "income"

_EDUCATION = (0.322, 0.223, 0.164, 0.054, 0.042, 0.036, 0.033, 0.029, 0.02, 0.018, 0.016, 0.013, 0.013, 0.01, 0.005)
_RANK = np.array([8, 10, 12, 13, 11, 7, 9, 6, 14, 5, 4, 3, 15, 2, 1, 0])
_APART = ("divorced", "widowed", "separated", "spouse absent", "spouse in forces")


def census(rows: int, seed: int = 7) -> pa.Table:
    """``rows`` persons; the label, 0 or 1, falls on about one in six."""
    rng = np.random.default_rng(seed)
    age = np.clip(np.round(17 + rng.gamma(2.4, 9.5, rows)), 17, 90).astype(np.int64)
    level = _RANK[rng.choice(16, rows, p=(*_EDUCATION, 1 - sum(_EDUCATION)))]
    female = rng.random(rows) < 0.33
    marital = _marital(age, rng)
    tail = 1 / np.arange(1, 41) ** 1.2
    country = rng.choice(41, rows, p=np.append(0.9, 0.1 * tail / tail.sum()))
    skill = level / 15
    occupation = np.clip(np.floor(rng.beta(1 + 3 * skill, 4 - 3 * skill) * 14), 0, 13).astype(int)
    varied = np.clip(np.round(rng.normal(40 + 3 * skill - 4 * female, 12.5)), 1, 99)
    hours = np.where(rng.random(rows) < 0.47, 40, varied).astype(np.int64)
    score = (
        0.38 * level + 1.44 * (marital == "married") + 0.045 * np.minimum(age, 60)
        - 0.0009 * np.maximum(age - 50, 0) ** 2 + 0.03 * (hours - 40) - 0.5 * female
        + 0.12 * (occupation - 6) - 0.3 * (country > 0) - 8.2
    )  # fmt: skip
    return pa.table(
        {
            "age": age,
            "education": pa.array([f"education-{rank:02}" for rank in level]),
            "marital": pa.array(marital, pa.string()),
            "sex": pa.array(np.where(female, "female", "male"), pa.string()),
            "country": pa.array([f"country-{place:02}" for place in country]),
            "hours": hours,
            "occupation": pa.array([f"occupation-{kind:02}" for kind in occupation]),
            LABEL: (rng.random(rows) < 1 / (1 + np.exp(-score))).astype(np.int64),
        }
    )


def _marital(age: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    married = (rng.random(len(age)) < 1 / (1 + np.exp(-(age - 32) / 8))) & (rng.random(len(age)) < 0.75)
    single = rng.random(len(age)) < np.clip(1.3 - age / 45, 0.05, 0.95)
    apart = np.array(_APART, object)[rng.choice(5, len(age), p=[0.6, 0.15, 0.16, 0.06, 0.03])]
    return np.where(married, "married", np.where(single, "never married", apart))
