"""MLflow's requests: every format gives the same question, and what is ambiguous is refused."""

import json

import numpy as np
import pytest

from kits.questions import NUMBERS_ONLY, SIGNATURE, same
from secmlops.core.errors import InputError
from secmlops.serving.answer import Model
from secmlops.serving.columns import MAX_ROWS
from secmlops.serving.invocations import CSV_TYPE, media_type, read_invocation, write_predictions

NAMES = ["income", "amount", "purpose"]
ROWS = [[1.5, 2, "car"], [None, -0.25, None]]
RECORDS = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
COLUMNS = {name: [row[place] for row in ROWS] for place, name in enumerate(NAMES)}
EXPECTED = SIGNATURE.encode(COLUMNS)
FORMS = {
    "split": {"dataframe_split": {"columns": NAMES, "data": ROWS}},
    "split with index": {"dataframe_split": {"index": [0, 1], "columns": NAMES, "data": ROWS}},
    "split in another order": {
        "dataframe_split": {"columns": NAMES[::-1], "data": [row[::-1] for row in ROWS]}
    },
    "records": {"dataframe_records": RECORDS},
    "inputs of columns": {"inputs": COLUMNS},
    "inputs of lists": {"inputs": ROWS},
    "inputs of objects": {"inputs": RECORDS},
    "instances of lists": {"instances": ROWS},
    "instances of objects": {"instances": RECORDS},
}  # fmt: skip


def read(value):
    return read_invocation(json.dumps(value).encode(), SIGNATURE)


def read_csv(text):
    return read_invocation(text.encode(), SIGNATURE, CSV_TYPE)


def first_row(form):
    (name, value), *_ = form.items()
    if name == "dataframe_split":
        return {name: {"columns": value["columns"], "data": value["data"][:1]}}
    return {name: {n: c[:1] for n, c in value.items()} if isinstance(value, dict) else value[:1]}


@pytest.mark.parametrize("form", FORMS)
def test_every_format_gives_the_same_inputs(form):
    assert same(read(FORMS[form]).inputs, EXPECTED)


@pytest.mark.parametrize("form", FORMS)
def test_one_row_is_read_as_many_are(form):
    assert same(read(first_row(FORMS[form])).inputs, EXPECTED.take(slice(1)))


def test_a_table_in_csv():
    question = read_csv("purpose,income,amount\r\ncar,1.5,2\r\n\r\n,,-2.5e-1\r\n")
    assert same(question.inputs, EXPECTED)
    assert read_csv('income,amount,purpose\n1,.5,"a ""b"", c\nd"\n').inputs.categorical.tolist() == [['a "b", c\nd']]


def test_a_truth_value_is_a_number():
    assert read({"inputs": [[True, 1, "car"], [False, 1, "car"]]}).inputs.numeric[:, 0].tolist() == [1.0, 0.0]
    assert read({"inputs": [[True, 1, "car"]]}).inputs.numeric[:, 0].tolist() == [1.0]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", "not an invocation"), (b"[]", "not an invocation"), (b"{}", "0 tables"), (b"[" * 10_000, "invocation"),
        (b'{"inputs":' * 10_000, "invocation"), (b'{"inputs": [[NaN, 1, "a"]]}', "invocation"), (b"\xff", "invocation"),
        (b'{"inputs": [[1, 1, "\\ud800"]]}', "invocation"), (b'\xef\xbb\xbf{"inputs": []}', "invocation"),
        (b'{"inputs": []}', "a table"), (b'{"inputs": {}}', "missing"), (b'{"inputs": 1}', "invocation"),
        (b'{"inputs": [[1, 2, "a"]], "instances": [[1, 2, "a"]]}', "2 tables"),
        (b'{"inputs": [[1, 2, "a"]], "inputs": [[1, 2, "a"]]}', "twice"),
        (b'{"dataframe_records": [{"income": 1, "income": 1, "amount": 1, "purpose": ""}]}', "twice"),
        (b'{"inputs": [[1, 2, "a"]], "params": {"output": "labels", "output": "labels"}}', "twice"),
        (b'{"dataframe_split": {"columns": ["income"], "columns": ["amount"], "data": [[1]]}}', "twice"),
        (b'{"dataframe_split": {"columns": ["income", "income"], "data": [[1, 2]]}}', "named twice"),
        (b'{"dataframe_split": {"columns": ["income"], "data": [[1, 2]]}}', "has not 1 values"),
        (b'{"dataframe_split": {"columns": ["income"], "data": [[1]]}}', "amount is missing"),
        (b'{"dataframe_split": {"columns": ["income"], "data": []}}', "0 rows"),
        (b'{"dataframe_split": {"data": [[1]]}}', "invocation"),
        (b'{"inputs": [[1, 2]]}', "has not 3 values"), (b'{"inputs": [[1, 2, "a"], {}]}', "either lists or objects"),
        (b'{"inputs": [{"income": 1, "amount": 1, "purpose": ""}, {"income": 1}]}', "same columns"),
        (b'{"inputs": [{"income": 1, "amount": 1, "purpose": "", "age": 3}]}', "no feature 'age'"),
        (b'{"inputs": {"income": [1, 2], "amount": [1], "purpose": [""]}}', "different numbers of rows"),
        (b'{"inputs": {"income": [[1]], "amount": [1], "purpose": [""]}}', "feature income"),
        (b'{"inputs": [["1", 2, "a"]]}', "feature income"), (b'{"inputs": [[1, 2, 3]]}', "feature purpose"),
        (b'{"inputs": [[1e39, 2, "a"]]}', "feature income"), (b'{"inputs": [[1e999, 2, "a"]]}', "invocation"),
        (b'{"inputs": [[' + b"9" * 300 + b', 2, "a"]]}', "feature income"),
        (b'{"inputs": [[1, {}, "a"]]}', "feature amount"),
        (b'{"inputs": [[1, 2, "a"]], "params": {"temperature": 1}}', "params"),
        (b'{"inputs": [[1, 2, "a"]], "params": {"output": "logits"}}', "params"),
        (b'{"inputs": [[1, 2, "a"]], "params": {"output": ["labels"]}}', "params"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(body, named):
    with pytest.raises(InputError, match=named):
        read_invocation(body, SIGNATURE)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "header"), ("income,amount,purpose\n", "header"), ("income,income,purpose\n1,2,a\n", "named twice"),
        ("income,amount,purpose\n1,2\n", "row 2"), ("income,amount,purpose\n1,2,a,b\n", "row 2"),
        ("income,amount\n1,2\n", "purpose is missing"), (",income,amount,purpose\n0,1,2,a\n", "no feature ''"),
        ("\ufeffincome,amount,purpose\n1,2,a\n", "no feature"), ('income,amount,purpose\n1,2,"a\n', "CSV"),
        ("income,amount,purpose\n1,2," + "x" * 200_000, "CSV"),
        ("income,amount,purpose\n" + "1,2,a\n" * (MAX_ROWS + 1), str(MAX_ROWS)),
        ("income,amount,purpose\n1,2,a\n" + "\n" * 2 * MAX_ROWS + "1,2,a\n", "lines"),
        *((f"income,amount,purpose\n{wrong},2,a\n", "feature income")
          for wrong in ("nan", "inf", "1_0", " 1", "0x1", "1e999", "1e39", "\u0661", "True", "--1", "x")),
    ],
)  # fmt: skip
def test_a_table_that_is_wrong_is_refused(text, named):
    with pytest.raises(InputError, match=named):
        read_csv(text)


def test_csv_is_utf_8():
    with pytest.raises(InputError, match="UTF-8"):
        read_invocation("income,amount,purpose\n1,2,ü\n".encode("latin-1"), SIGNATURE, CSV_TYPE)


def test_no_message_quotes_a_value():
    for body in ({"inputs": [["Ada Lovelace", 1, "a"]]}, {"inputs": [[1, 987654e60, "a"]]}):
        with pytest.raises(InputError) as told:
            read(body)
        assert "Ada" not in str(told.value)
        assert "987654" not in str(told.value)


def test_labels_by_default_and_probabilities_where_they_are_asked_for():
    scores, model = np.array([[0.75, 0.25], [0.1, 0.9]]), Model("credit", "3", SIGNATURE)
    answered = write_predictions(read({"inputs": ROWS}), scores, model, {"ledger_index": 7})
    assert json.loads(answered.body) == {"predictions": ["good", "bad"], "parameters": {"ledger_index": 7}}
    assert answered.headers == {"Content-Type": "application/json"}
    answered = write_predictions(read({"inputs": ROWS, "params": {"output": "probabilities"}}), scores, model, {})
    assert json.loads(answered.body)["predictions"] == [[0.75, 0.25], [0.1, 0.9]]
    assert read({"inputs": ROWS, "params": None}).outputs == ("label",)


def test_a_regressors_predictions_are_one_number_for_each_row():
    question = read_invocation(b'{"instances": [[1, 2, 3], [4, 5, 6]]}', NUMBERS_ONLY)
    answered = write_predictions(question, np.array([[1.5], [2.5]]), Model("m", "1", NUMBERS_ONLY), {})
    assert json.loads(answered.body)["predictions"] == [1.5, 2.5]


@pytest.mark.parametrize(
    ("given", "media"),
    [
        ("application/json", "application/json"), ("Application/JSON ; charset=UTF-8", "application/json"),
        ('text/csv; charset="utf-8"', "text/csv"), ("text/csv", "text/csv"), ("", None), ("text/plain", None),
        ("application/json; charset=latin-1", None), ("application/json; version=1", None), ("text/csv2", None),
    ],
)  # fmt: skip
def test_content_types(given, media):
    assert media_type(given) == media
