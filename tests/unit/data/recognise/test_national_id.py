import re

import pytest

from secmlops.data.recognise import national_id as n

# Examples that the issuers or the usual descriptions of the schemes print; none was given to a person.
EXAMPLES = [
    (n.is_german_tax_id, "86095742719", 10),
    (n.is_german_tax_id, "02476291358", 10),
    (n.is_nhs_number, "943 476 5919", 11),
    (n.is_french_nir, "2 55 08 14 168 025 38", 97),
    (n.is_dutch_bsn, "111222333", 11),
    (n.is_belgian_number, "85.07.30-033.28", 97),
    (n.is_polish_pesel, "44051401359", 10),
    (n.is_swedish_number, "811228-9874", 10),
    (n.is_swiss_number, "756.9217.0769.85", 10),
    (n.is_brazilian_cpf, "111.444.777-35", 10),
    (n.is_indian_aadhaar, "2341 2341 2346", 10),
]


@pytest.mark.parametrize(("check", "example", "_modulus"), EXAMPLES)
def test_the_printed_example_passes_and_a_wrong_last_digit_does_not(check: object, example: str, _modulus: int) -> None:
    assert callable(check)
    assert check(example)
    others = [example[:-1] + d for d in "0123456789" if d != example[-1]]
    assert not any(check(other) for other in others)


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (n.is_spanish_dni, "12345678Z", "12345678A"),
        (n.is_spanish_dni, "X1234567L", "X1234567T"),
        (n.is_italian_code, "RSSMRA85T10A562S", "RSSMRA85T10A562T"),
        (n.is_finnish_code, "131052-308T", "131052-308U"),
        (n.is_chinese_id, "11010519491231002X", "110105194912310021"),
        (n.is_french_nir, "1 99 05 2A 004 044 91".replace("91", f"{97 - 1990519004044 % 97:02d}"), "199052A00404400"),
        (n.is_us_social_security, "536-90-4399", "666-90-4399"),
        (n.is_us_social_security, "899-01-0001", "900-01-0001"),
        (n.is_us_social_security, "12345678", "665"),
        (n.is_german_health_insurance, "A123456780", "A123456781"),
        (n.is_german_social_insurance, "15 070649 C 103", "15 070649 C 104"),
        (n.is_british_insurance, "AB 12 34 56 C", "GB 12 34 56 C"),
        (n.is_belgian_number, "00012511119", "00012511118"),
        (n.is_polish_pesel, "44051401359", "44991401351"),
        (n.is_brazilian_cpf, "11144477735", "11111111111"),
        (n.is_dutch_bsn, "111222333", "000000000"),
        (n.is_german_tax_id, "86095742719", "12345678903"),
    ],
)
def test_marks_letters_and_never_given_numbers(check: object, right: str, wrong: str) -> None:
    assert callable(check)
    assert check(right)
    assert not check(wrong)


def test_every_example_has_the_form_of_one_scheme() -> None:
    for _, example, _ in EXAMPLES:
        assert any(re.search(r.whole, example) for r in n.NATIONAL_IDS), example
