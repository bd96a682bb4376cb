import pytest

from secmlops.data.recognise.check_digits import digits_of, luhn, mod_11_10, verhoeff, weighted


@pytest.mark.parametrize(
    ("check", "number"),
    [(luhn, "79927398713"), (mod_11_10, "86095742719"), (verhoeff, "2363")],
)
def test_a_right_number_passes_and_every_other_last_digit_fails(check: object, number: str) -> None:
    assert callable(check)
    right = [d for d in "0123456789" if check(digits_of(number[:-1] + d))]
    assert right == [number[-1]]


def test_digits_and_weights() -> None:
    assert digits_of("1-2 x3") == [1, 2, 3]
    assert weighted([1, 2, 3], (3, 2)) == 7
