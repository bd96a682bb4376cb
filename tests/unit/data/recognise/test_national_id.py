import re
from collections.abc import Callable

import pytest

from secmlops.data.recognise import national_id_northern as n
from secmlops.data.recognise import national_id_overseas as o
from secmlops.data.recognise import national_id_western as w
from secmlops.data.recognise.national_id import is_day
from secmlops.data.recognise.spans import spans

SCHEMES = (*w.WESTERN_EUROPE, *n.NORTHERN_AND_EASTERN_EUROPE, *o.OVERSEAS)

# Examples that the issuers or the usual descriptions of the schemes print; none was given to a person.
EXAMPLES = [
    (w.is_german_tax_id, "86095742719"),
    (w.is_german_tax_id, "02476291358"),
    (w.is_austrian_insurance, "1237 010180"),
    (w.is_french_nir, "2 55 08 14 168 025 38"),
    (w.is_portuguese_nif, "123456789"),
    (w.is_dutch_bsn, "111222333"),
    (w.is_belgian_number, "85.07.30-033.28"),
    (w.is_swiss_number, "756.9217.0769.85"),
    (w.is_greek_tax_number, "094259216"),
    (n.is_polish_pesel, "44051401359"),
    (n.is_swedish_number, "811228-9874"),
    (n.is_norwegian_number, "15021951940"),
    (n.is_baltic_code, "37605030299"),
    (n.is_czech_number, "7103192745"),
    (n.is_romanian_cnp, "1800101221144"),
    (n.is_bulgarian_egn, "7523169263"),
    (n.is_croatian_oib, "33392005961"),
    (n.is_south_slavic_number, "0101006500006"),
    (o.is_canadian_sin, "130 692 544"),
    (o.is_brazilian_cpf, "111.444.777-35"),
    (o.is_south_african_id, "8001015009087"),
    (o.is_turkish_number, "10000000146"),
    (o.is_indian_aadhaar, "2341 2341 2346"),
    (o.is_japanese_number, "123456789018"),
    (o.is_australian_tax_number, "123 456 782"),
]


@pytest.mark.parametrize(("check", "example"), EXAMPLES)
def test_the_printed_example_passes_and_a_wrong_last_digit_does_not(check: Callable[[str], bool], example: str) -> None:
    assert check(example)
    others = [example[:-1] + d for d in "0123456789" if d != example[-1]]
    assert not any(check(other) for other in others)


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (w.is_spanish_dni, "12345678Z", "12345678A"),
        (w.is_spanish_dni, "X1234567L", "X1234567T"),
        (w.is_italian_code, "RSSMRA85T10A562S", "RSSMRA85T10A562T"),
        (w.is_british_tax_reference, "1955839661", "1955839662"),
        (w.is_irish_number, "1234567T", "1234567W"),
        (w.is_irish_number, "1234567FA", "1234567TA"),
        (w.is_french_nir, "1 99 05 2A 004 044 91".replace("91", f"{97 - 1990519004044 % 97:02d}"), "199052A00404400"),
        (w.is_french_tax_number, f"3023217600{3023217600 % 511:03d}", "3023217600000"),
        (w.is_german_social_insurance, "15 070649 C 103", "15 070649 C 104"),
        (w.is_british_insurance, "AB 12 34 56 C", "GB 12 34 56 C"),
        (w.is_belgian_number, "00012511119", "00012511118"),
        (w.is_dutch_bsn, "111222333", "000000000"),
        (w.is_german_tax_id, "86095742719", "12345678903"),
        (w.is_greek_amka, "01013099997", "41013099997"),
        (n.is_finnish_code, "131052-308T", "131052-308U"),
        (n.is_polish_pesel, "44051401359", "44991401351"),
        (n.is_danish_number, "070761-4285", "310261-4285"),
        (o.is_chinese_id, "11010519491231002X", "110105194912310021"),
        (o.is_us_social_security, "536-90-4399", "666-90-4399"),
        (o.is_us_social_security, "899-01-0001", "900-01-0001"),
        (o.is_us_social_security, "12345678", "665"),
        (o.is_us_taxpayer, "912-70-1234", "912-10-1234"),
        (o.is_mexican_curp, "HEGG560427MVZRRL04", "HEGG560427MVZRRL05"),
        (o.is_chilean_rut, "12.345.678-5", "12.345.678-6"),
        (o.is_chilean_rut, "6-K", "6-0"),
        (o.is_israeli_id, "123456782", "123456783"),
        (o.is_korean_number, "900101-1234568", "901301-1234568"),
        (o.is_singapore_number, "S1234567D", "S1234567E"),
        (o.is_singapore_number, "F1234567N", "F1234567D"),
        (o.is_hong_kong_number, "A123456(3)", "A123456(4)"),
        (o.is_brazilian_cpf, "11144477735", "11111111111"),
    ],
)
def test_marks_letters_and_never_given_numbers(check: Callable[[str], bool], right: str, wrong: str) -> None:
    assert check(right)
    assert not check(wrong)


def test_a_thai_number_has_its_digit() -> None:
    assert sum(o.is_thai_number(f"1-1014-00000-01-{digit}") for digit in range(10)) == 1


def test_letters_stand_for_corsica_only() -> None:
    assert [span.kind for span in spans("1.99 05 2A-004-044 31")] == ["national identifier"]
    assert spans("1.23 03 6B-156-217 83") == ()


def test_every_example_has_the_form_of_one_scheme() -> None:
    for _, example in EXAMPLES:
        assert any(re.search(r.whole, example) for r in SCHEMES), example


def test_schemes_of_at_least_ten_countries_have_check_digits() -> None:
    assert len({r.scheme for r in SCHEMES}) >= 35


@pytest.mark.parametrize(("day", "known"), [((24, 2, 29), True), ((23, 2, 29), False), ((0, 13, 1), False)])
def test_days(day: tuple[int, int, int], known: bool) -> None:
    assert is_day(*day) is known
