"""One row through a session whose places are bound once."""

import threading

import numpy as np
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper

from secmlops.runtime.one_row import OneRow


@pytest.fixture(scope="module")
def session() -> ort.InferenceSession:
    """A session that answers the softmax of three numbers."""
    named = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 3]) for name in ("numbers", "answer")]
    graph = helper.make_graph(
        [helper.make_node("Softmax", ["numbers"], ["answer"])], "softmax", *([one] for one in named)
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


class Slow:
    """A session that answers when it is told to."""

    def __init__(self) -> None:
        self.inside, self.leave = threading.Event(), threading.Event()

    def run_with_iobinding(self, _: object) -> None:
        self.inside.set()
        assert self.leave.wait(9)


def bound(session: ort.InferenceSession) -> OneRow:
    (given,), (answer,) = session.get_inputs(), session.get_outputs()
    return OneRow(session, (given.name, answer.name), (given.shape[1], answer.shape[1]))


def test_it_answers_what_the_session_answers_and_keeps_nothing(session: ort.InferenceSession) -> None:
    one, (given,) = bound(session), session.get_inputs()
    rows = np.random.default_rng(0).normal(size=(20, 1, given.shape[1])).astype(np.float32)
    answers = [one.run(row) for row in rows]
    for row, answer in zip(rows, answers, strict=True):
        assert answer is not None
        assert (answer == session.run(None, {given.name: row})[0]).all()


def test_who_comes_while_another_is_at_it_is_sent_away(
    session: ort.InferenceSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, slow, row = bound(session), Slow(), np.zeros((1, 3), np.float32)
    monkeypatch.setattr(one, "_session", slow)
    thread = threading.Thread(target=one.run, args=(row,))
    thread.start()
    assert slow.inside.wait(9)
    assert one.run(row) is None
    slow.leave.set()
    thread.join()
    assert one.run(row) is not None
