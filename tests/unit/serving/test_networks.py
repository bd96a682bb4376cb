"""Networks: deny before allow, every spelling of an address, and no rule that silently matches nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secmlops.core.errors import InputError
from secmlops.serving import networks
from secmlops.serving.networks import Networks, NetworkSettings, site_of


def admits(address: str, allow: tuple[str, ...] = (), deny: tuple[str, ...] = ()) -> bool:
    made = Networks(NetworkSettings(allow=allow, deny=deny))
    first = made.admits(address)
    assert made.admits(address) is first  # by heart, too
    return first


@pytest.mark.parametrize(
    ("address", "allow", "deny", "expected"),
    [
        ("192.0.2.1", (), (), True),
        ("", (), (), True),
        ("192.0.2.1", ("192.0.2.0/24",), (), True),
        ("192.0.3.1", ("192.0.2.0/24",), (), False),
        ("192.0.2.1", (), ("192.0.2.1",), False),
        ("192.0.2.2", (), ("192.0.2.1",), True),
        ("10.1.2.3", ("10.0.0.0/8",), ("10.1.0.0/16",), False),
        ("10.2.2.3", ("10.0.0.0/8",), ("10.1.0.0/16",), True),
        ("10.2.2.3", ("192.0.2.0/24", "10.0.0.0/8"), (), True),
        ("::ffff:10.1.2.3", ("10.0.0.0/8",), (), True),
        ("::ffff:10.1.2.3", (), ("10.0.0.0/8",), False),
        ("::ffff:a01:203", (), ("10.0.0.0/8",), False),
        ("10.1.2.3", (), ("::ffff:10.0.0.0/104",), False),
        ("::ffff:10.1.2.3", (), ("::ffff:10.1.2.3",), False),
        ("11.1.2.3", (), ("::ffff:10.0.0.0/104",), True),
        ("2001:db8::1", ("2001:db8::/32",), (), True),
        ("2001:db9::1", ("2001:db8::/32",), (), False),
        ("10.1.2.3", ("2001:db8::/32",), (), False),
        ("fe80::1%eth0", ("fe80::/10",), (), True),
        ("fe80::1%eth0", (), ("fe80::1",), False),
        ("", ("0.0.0.0/0", "::/0"), (), False),
        ("unix:", (), ("10.0.0.0/8",), False),
        ("10.0.0.1.evil.example", (), ("10.0.0.0/8",), False),
        ("010.0.0.1", ("10.0.0.0/8",), (), False),
        ("1", ("0.0.0.0/0",), (), False),
    ],
)
def test_who_may_ask(address: str, allow: tuple[str, ...], deny: tuple[str, ...], expected: bool) -> None:
    assert admits(address, allow, deny) is expected


@pytest.mark.parametrize(
    "text",
    ["", "10.0.0.1/8", "10.0.0.0/33", "10.0.0", "gateway.example", "::1/129", "fe80::%eth0/10", "*", "1.2.3.4/x"],
)
@pytest.mark.parametrize("kind", ["allow", "deny"])
def test_what_is_no_network_is_told_with_its_place(text: str, kind: str) -> None:
    with pytest.raises(InputError, match="is no network") as told:
        Networks(NetworkSettings(**{kind: (text,)}))
    assert told.value.where == f"serving.networks.{kind}"


def test_a_long_text_is_not_told_at_length() -> None:
    with pytest.raises(InputError) as told:
        Networks(NetworkSettings(allow=("x" * 10_000,)))
    assert len(str(told.value)) < 300


@given(st.ip_addresses(v=4), st.integers(0, 32))
def test_a_mapped_address_is_judged_as_the_one_it_stands_for(address, length: int) -> None:
    made = Networks(NetworkSettings(deny=(f"10.0.0.0/{max(8, length)}",)))
    assert made.admits(str(address)) is made.admits(f"::ffff:{address}")


def test_what_is_known_by_heart_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "_MOST_KEPT", 10)
    made = Networks(NetworkSettings(deny=("10.0.0.7",)))
    for place in range(100):
        assert made.admits(f"10.0.0.{place}") is (place != 7)
        assert len(made._known) <= 10


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::/64"), ("2001:DB8:0:0:ffff::9", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"), ("fe80::1%eth0", "fe80::/64"), ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""), ("unix:", "unix:"), ("a:b", "a:b"),
    ],
)  # fmt: skip
def test_an_ipv6_address_stands_for_its_site_and_any_other_for_itself(address: str, site: str) -> None:
    assert site_of(address) == site
