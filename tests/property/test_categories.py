"""A category is read alike from the table that is learned from and from a request, however it is written."""

import msgspec
import numpy as np
import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from secmlops.core.task import Task
from secmlops.data.formats.inference import known_texts
from secmlops.runtime.signature import MISSING_SPELLINGS, Feature, FeatureKind, Signature, category_of
from secmlops.serving.invocations import CSV_TYPE, read_invocation
from secmlops.serving.tensors import read_question

SPACES = st.text(" \t\u00a0\u2003\u3000", max_size=3)
TEXTS = st.one_of(st.text(max_size=8), st.sampled_from(MISSING_SPELLINGS), st.just(">= 200 DM"))
SIGNATURE = Signature(
    task=Task.BINARY, features=(Feature(name="kind", kind=FeatureKind.CATEGORICAL),), classes=("0", "1")
)


def padded(before: str, text: str, after: str) -> str:
    return f"{before}{text}{after}"


WRITTEN = st.builds(padded, SPACES, TEXTS, SPACES)


@given(st.lists(st.none() | WRITTEN, min_size=1, max_size=5))
@example([" >= 200 DM ", "\x1f", "\u200b", " NA"])
def test_a_table_and_a_model_agree_on_categories(texts):
    read = known_texts(pa.array(texts, pa.string())).to_pylist()
    assert [text or "" for text in read] == [category_of(text) for text in texts]
    assert SIGNATURE.encode({"kind": texts}).categorical[:, 0].tolist() == [category_of(text) for text in texts]


@given(st.lists(WRITTEN, min_size=1, max_size=3))
def test_a_request_says_the_same_in_every_form(texts):
    expected = np.array([[category_of(text)] for text in texts], object)
    tensor = {"name": "kind", "datatype": "BYTES", "shape": [len(texts)], "data": texts}
    asked = [
        read_question(msgspec.json.encode({"inputs": [tensor]}), SIGNATURE),
        read_invocation(msgspec.json.encode({"dataframe_records": [{"kind": text} for text in texts]}), SIGNATURE),
        read_invocation(msgspec.json.encode({"instances": [[text] for text in texts]}), SIGNATURE),
        read_invocation(msgspec.json.encode({"inputs": {"kind": texts}}), SIGNATURE),
    ]
    for question in asked:
        assert (question.inputs.categorical == expected).all()


def test_a_request_in_csv_says_it_too():
    question = read_invocation(b"kind\n >= 200 DM \nN/A\n", SIGNATURE, CSV_TYPE)
    assert question.inputs.categorical.tolist() == [[">= 200 DM"], [""]]
