import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.core.task import Task
from secmlops.release.candidate import Candidate
from secmlops.runtime.signature import Signature


def test_the_model_digest_is_that_of_the_bytes(candidate: Candidate) -> None:
    assert candidate.model == Digest.of(b"the model")
    assert candidate.task is Task.BINARY


def test_a_candidate_without_a_model_is_refused(signature) -> None:
    with pytest.raises(VerificationError, match=r"no model\.onnx"):
        Candidate(name="credit", version="1", files={"signature.json": signature.to_json()}, signature=signature)


def test_another_signature_in_the_files_is_refused(candidate: Candidate) -> None:
    swapped = Signature(task=Task.BINARY, features=candidate.signature.features, classes=("a", "b"))
    with pytest.raises(VerificationError, match="is not the signature"):
        Candidate(name="credit", version="1", files=candidate.files, signature=swapped)


@pytest.mark.parametrize("environment", [{}, {"packages": None}, {"packages": ["numpy"]}])
def test_an_environment_without_packages_has_no_versions(signature, environment) -> None:
    made = Candidate(name="c", version="1", files={"model.onnx": b"m"}, signature=signature, environment=environment)
    assert made.versions() == {}


def test_versions_are_sorted_and_text(signature) -> None:
    environment = {"packages": {"b": None, "a": "1.0"}}
    made = Candidate(name="c", version="1", files={"model.onnx": b"m"}, signature=signature, environment=environment)
    assert list(made.versions().items()) == [("a", "1.0"), ("b", "")]
