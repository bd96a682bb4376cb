import base64
import hashlib
import hmac

import pyarrow as pa

from secmlops.data.protection.pseudonymise import pseudonymise

KEY = bytes(range(32))


def test_a_pseudonym_is_the_truncated_hmac() -> None:
    (made,) = pseudonymise(pa.chunked_array([["Anna"]]), KEY).to_pylist()
    code = hmac.new(KEY, b"Anna", hashlib.sha256).digest()[:16]
    assert made == base64.b32encode(code).decode().rstrip("=").lower()
    assert len(made) == 26


def test_equal_values_stay_equal_and_gaps_stay_gaps() -> None:
    first, second, third, gap = pseudonymise(pa.chunked_array([[1, 1, 2, None]]), KEY).to_pylist()
    assert first == second != third
    assert gap is None


def test_another_key_gives_other_pseudonyms() -> None:
    column = pa.chunked_array([["Anna"]])
    assert pseudonymise(column, KEY).to_pylist() != pseudonymise(column, KEY[::-1]).to_pylist()
