import numpy as np

from secmlops.data.recognise.money import is_iban
from secmlops.data.recognise.names import is_person_name
from secmlops.data.recognise.national_id_western import is_german_tax_id
from secmlops.data.recognise.phone import is_phone
from secmlops.usecases.persons import e_mails, full_names, ibans, phones, tax_numbers

COUNT = 500


def rng() -> np.random.Generator:
    return np.random.default_rng(4)


def test_identifiers_have_right_check_digits() -> None:
    assert all(is_german_tax_id(text) for text in tax_numbers(COUNT, rng()).to_pylist())
    assert all(is_iban(text) for text in ibans(COUNT, rng()).to_pylist())
    assert all(is_phone(text) for text in phones(COUNT, rng()).to_pylist())


def test_nobody_real_can_be_meant() -> None:
    assert all(text.startswith("0") for text in tax_numbers(COUNT, rng()).to_pylist())
    assert all(text[4] == "0" for text in ibans(COUNT, rng()).to_pylist())
    names = full_names(rng().random(COUNT) < 0.5, rng())
    assert all(text.rpartition("@")[2].startswith("example.") for text in e_mails(names, rng()).to_pylist())
    assert all(is_person_name(text) for text in names.to_pylist())
