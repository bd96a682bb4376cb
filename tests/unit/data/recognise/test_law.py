from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.law import CATEGORIES, HEALTH, PERSONAL, short


def test_all_but_secrets_relate_to_a_person() -> None:
    assert [kind for kind in Kind if PERSONAL not in CATEGORIES[kind]] == [Kind.SECRET]


def test_numbers_for_health_purposes_are_a_special_category() -> None:
    assert [kind for kind in Kind if HEALTH in CATEGORIES[kind]] == [Kind.HEALTH_NUMBER]


def test_the_short_form_fits_into_a_table() -> None:
    assert short(Kind.NATIONAL_ID) == "GDPR 4(1), 87; CCPA A; HIPAA G"
    assert short(Kind.SECRET) == "CCPA B"
    assert all(len(short(kind)) <= 40 for kind in Kind)
