"""Sanctions: until a moment, one for each, and bounded whoever earns them."""

from secmlops.serving.sanctions import Sanctions


def test_a_sanction_holds_until_its_moment_and_is_then_forgotten() -> None:
    sanctions = Sanctions()
    assert not sanctions
    sanctions.impose("ada", 0.0, 10.0, 4.0)
    assert sanctions.severity("ada", 9.99) == 4.0
    assert sanctions.severity("bob", 9.99) == 0.0
    assert sanctions.severity("ada", 10.0) == 0.0
    assert not sanctions


def test_the_latest_word_counts() -> None:
    sanctions = Sanctions()
    sanctions.impose("ada", 0.0, 10.0)
    sanctions.impose("ada", 5.0, 7.0, 2.0)
    assert len(sanctions) == 1
    assert (sanctions.severity("ada", 6.0), sanctions.severity("ada", 8.0)) == (2.0, 0.0)


def test_of_too_many_those_that_ended_are_forgotten_first() -> None:
    sanctions = Sanctions(most=3)
    for who, until in (("a", 100.0), ("b", 2.0), ("c", 100.0)):
        sanctions.impose(who, 0.0, until)
    sanctions.impose("d", 5.0, 100.0)
    assert [sanctions.severity(who, 5.0) for who in "abcd"] == [1.0, 0.0, 1.0, 1.0]


def test_of_too_many_that_hold_the_oldest_is_forgotten() -> None:
    sanctions = Sanctions(most=3)
    for place in range(1000):
        sanctions.impose(f"client {place}", 0.0, 100.0)
        assert len(sanctions) <= 3
    assert [sanctions.severity(f"client {place}", 1.0) for place in (996, 997, 999)] == [0.0, 1.0, 1.0]
