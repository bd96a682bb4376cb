from secmlops.data.recognise.candidates import places_of


def test_what_fails_its_check_is_told_with_no_confidence() -> None:
    (place,) = [p for p in places_of("paid by 4111 1111 1111 1112") if p.seen[0].start == 8]
    assert place.best is None
    assert {candidate.confidence for candidate in place.seen} == {0.0}


def test_the_nearest_word_decides_between_two_that_fit() -> None:
    (place,) = places_of("passport and NHS number 943 476 5919")
    assert place.best is not None
    assert place.best.recogniser.scheme == "NHS number"


def test_a_part_of_what_failed_as_a_whole_must_be_surer() -> None:
    assert [p.best for p in places_of("DE89 3704 0044 0532 0130 01") if p.best] == []


def test_a_sign_before_digits_belongs_to_the_mention() -> None:
    (place,) = places_of("at -33.86882, 151.20929 today")
    assert place.best is not None
    assert place.best.start == 3


def test_recognisers_that_need_a_word_are_asked_only_beside_it() -> None:
    assert list(places_of("the 111222333 of them")) == []
    (place,) = places_of("the BSN 111222333 of them")
    assert place.best is not None
