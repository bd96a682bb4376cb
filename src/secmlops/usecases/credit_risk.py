"""Credit risk: a lender learns who will fail to pay back, from applications that are full of personal data."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from secmlops.core.errors import InputError
from secmlops.data.arrow import Values
from secmlops.usecases.persons import (
    drawn,
    e_mails,
    full_names,
    ibans,
    joined,
    padded,
    phones,
    street_addresses,
    tax_numbers,
)

DEFAULT_ROWS = 3_000
MAX_ROWS = 1_000_000
_CHUNK_ROWS = 50_000
_LAST_BIRTHDAY = np.datetime64("2006-06-30")
_PURPOSES = ("car", "furniture", "renovation", "education", "business", "refinancing", "medical")
_PURPOSE_RISK = np.array([0.0, 0.1, -0.1, 0.15, 0.45, 0.3, 0.2])
_EMPLOYMENT = ("employed", "self-employed", "civil servant", "retired", "unemployed")
_EMPLOYMENT_RISK = np.array([0.0, 0.3, -0.6, -0.2, 1.1])
_HOUSING = ("rent", "own", "with family")
_HOUSING_RISK = np.array([0.2, -0.4, 0.1])
_NOTES = (
    "Applicant asked for a short term and a fixed monthly rate, documents were complete.",
    "Income statement of the last three months was checked at the branch in person.",
    "Wants to combine two older loans into one and to lower the monthly burden.",
    "Customer for many years, account kept in order, no reminders in the last years.",
    "Employer confirmed the contract, the trial period ends in the coming quarter.",
    "Vehicle serves as security, the valuation by the dealer is in the file.",
)
PROJECT = """\
# Credit risk: who will fail to pay back? The applications are invented, the personal data in them is of nobody.
secmlops: 1
name: credit-risk
task: binary_classification

data:
  source: applications.csv
  label: default
  positive: 1                 # 1: the loan was not paid back
  subject_id: tax_number      # rows of one person never stand on both sides of the holdout
  sensitive: [sex, date_of_birth]   # assurance.fairness compares these groups
  protect:                    # personal data goes into no model: every column that holds some is named here
    full_name: drop
    tax_number: pseudonymise  # stays joinable, tells nothing without the key
    email: drop
    phone: drop
    iban: encrypt             # can be restored by whoever holds the key
    date_of_birth: generalise # the year of birth remains
    street_address: drop
    postcode: generalise      # the region remains
    officer_notes: drop       # free text: persons are mentioned in it
  governance:                 # for what, by which right, whose, and for how long: a run for another purpose is refused
    purpose: [credit scoring]
    legal_basis: contract     # GDPR, article 6(1)(b)
    source: the loan desk, from application forms
    owner: head of credit risk
    retention: 730 d
    sensitivity: confidential

training:
  purpose: credit scoring
  model: gradient_boosting
  seed: 7
  sandbox: {network: false, memory: 4 GiB, time: 10 min}

assurance:
  holdout: 0.25

release:
  require:
    assurance.performance.auc: ">= 0.74"
    assurance.calibration.ece: "<= 0.10"
    assurance.fit.gap: "<= 0.15"

serving: {host: 127.0.0.1, port: 8443}
"""


def write(folder: Path, rows: int | None, seed: int) -> None:
    """Write ``applications.csv`` of ``rows`` (3,000 when None) and ``secmlops.yaml`` into ``folder``.

    The same seed gives the same bytes. Raises InputError when ``rows`` is not from 100 to 1,000,000.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arrow_csv.write_csv(applications(rows if rows is not None else DEFAULT_ROWS, seed), folder / "applications.csv")
    (folder / "secmlops.yaml").write_text(PROJECT, encoding="utf-8")


def applications(rows: int, seed: int) -> pa.Table:
    """Table of ``rows`` invented loan applications with their outcome, in the columns that a lender would keep."""
    if not 100 <= rows <= MAX_ROWS:
        raise InputError(f"{rows} rows", where="credit_risk", hint=f"choose from 100 to {MAX_ROWS}")
    sizes = [min(_CHUNK_ROWS, rows - start) for start in range(0, rows, _CHUNK_ROWS)]
    chunks = [_chunk(size, np.random.default_rng([seed, place])) for place, size in enumerate(sizes)]
    return pa.concat_tables(chunks)


def _chunk(rows: int, rng: np.random.Generator) -> pa.Table:
    birth = _LAST_BIRTHDAY - (rng.beta(1.6, 3.0, rows) * 19_000).astype(np.int64)
    money = _finances(birth, rng)
    outcome = (rng.random(rows) < 1 / (1 + np.exp(-_log_odds(money)))).astype(np.int64)
    return pa.table({**_person(birth, rng), **_with_gaps(money, rng), "default": outcome})


def _person(birth: npt.NDArray[np.datetime64], rng: np.random.Generator) -> dict[str, object]:
    rows = len(birth)
    female = rng.random(rows) < 0.5
    names = full_names(female, rng)
    mails, numbers = e_mails(names, rng), phones(rows, rng)
    return {
        "full_name": names,
        "tax_number": tax_numbers(rows, rng),
        "email": mails,
        "phone": numbers,
        "iban": ibans(rows, rng),
        "date_of_birth": birth,
        "sex": pa.array(["male", "female"]).take(female.astype(np.int64)),
        "street_address": street_addresses(rows, rng),
        "postcode": padded(rng.integers(1_067, 99_999, rows), 5),
        "officer_notes": _notes(mails, numbers, full_names(~female, rng), rng),
    }


def _notes(mails: Values, numbers: Values, spouses: Values, rng: np.random.Generator) -> Values:
    """A remark on each application; one in seven mentions a person in passing."""
    rows = len(mails)
    remark = joined(drawn(_NOTES, rows, rng), " File ", padded(rng.integers(100_000, 999_999, rows), 1), ".")
    mentions = (
        drawn([""], rows, rng),
        joined(" Please call back at ", numbers, "."),
        joined(" Write to ", mails, " only."),
        joined(" Spouse ", spouses, " will sign as well."),
    )
    choice = rng.choice(len(mentions), rows, p=[0.85, 0.05, 0.05, 0.05])
    mentioned: Values = pc.call_function("choose", [pa.array(choice), *mentions])
    return joined(remark, mentioned)


def _finances(birth: npt.NDArray[np.datetime64], rng: np.random.Generator) -> dict[str, npt.NDArray[np.generic]]:
    rows = len(birth)
    age = (_LAST_BIRTHDAY - birth).astype(np.int64) / 365.25 + 18
    employment = rng.choice(len(_EMPLOYMENT), rows, p=[0.66, 0.12, 0.08, 0.08, 0.06])
    income = np.round(np.exp(rng.normal(7.9, 0.45, rows)) * np.where(employment == 4, 0.5, 1.0), 2)
    amount = np.round(np.exp(rng.normal(8.9, 0.75, rows)), -2)
    term = rng.choice((12, 24, 36, 48, 60, 72), rows, p=[0.1, 0.2, 0.25, 0.2, 0.15, 0.1])
    return {
        "monthly_income": income,
        "loan_amount": np.maximum(amount, 500.0),
        "term_months": term,
        "purpose": rng.choice(len(_PURPOSES), rows),
        "employment": employment,
        "years_employed": np.round(np.minimum(rng.exponential(6, rows), age - 17), 1),
        "housing": rng.choice(len(_HOUSING), rows, p=[0.55, 0.3, 0.15]),
        "years_at_address": np.round(rng.exponential(5, rows), 1),
        "dependants": rng.poisson(0.8, rows),
        "open_loans": rng.poisson(0.9, rows),
        "missed_payments": rng.poisson(rng.gamma(0.4, 1.4, rows)),
        "card_utilisation": np.round(rng.beta(1.5, 2.5, rows), 3),
        "savings": np.round(np.exp(rng.normal(7.5, 1.6, rows)), 2),
    }


def _log_odds(money: dict[str, npt.NDArray[np.generic]]) -> npt.NDArray[np.float64]:
    """Log odds of default: burden and history count most, and they reinforce each other."""
    number = {name: values.astype(np.float64) for name, values in money.items()}
    burden = number["loan_amount"] / number["term_months"] / number["monthly_income"]
    odds = -3.6 + 3.4 * np.minimum(burden, 1.5) + 0.8 * np.minimum(number["missed_payments"], 4)
    odds += 1.6 * number["card_utilisation"] * (1 + 0.6 * (number["missed_payments"] > 0))
    odds += 0.28 * number["open_loans"] - 0.4 * (np.log(number["savings"]) - 7.5) - 0.065 * number["years_employed"]
    odds += _PURPOSE_RISK[money["purpose"].astype(np.int64)] + _HOUSING_RISK[money["housing"].astype(np.int64)]
    result: npt.NDArray[np.float64] = odds + _EMPLOYMENT_RISK[money["employment"].astype(np.int64)]
    return result


def _with_gaps(money: dict[str, npt.NDArray[np.generic]], rng: np.random.Generator) -> dict[str, object]:
    columns: dict[str, object] = dict(money)
    for name, words in (("purpose", _PURPOSES), ("employment", _EMPLOYMENT), ("housing", _HOUSING)):
        columns[name] = np.array(words)[money[name].astype(np.int64)]
    for name, share in (("savings", 0.08), ("years_employed", 0.04), ("card_utilisation", 0.03)):
        columns[name] = pa.array(money[name], mask=rng.random(len(money[name])) < share)
    return columns
