import pytest

from secmlops.core.errors import GateShutError, InputError, IsolationError, SecmlopsError, VerificationError


@pytest.mark.parametrize("kind", [InputError, VerificationError, GateShutError, IsolationError])
def test_every_error_tells_what_where_and_what_to_do(kind: type[SecmlopsError]) -> None:
    error = kind("the file is empty", where="data.csv", hint="export it again")
    assert str(error) == "data.csv: the file is empty (export it again)"
    assert (error.what, error.where, error.hint) == ("the file is empty", "data.csv", "export it again")
    assert isinstance(error, SecmlopsError)
    assert str(kind("no key")) == "no key"
