"""The log key, followed while serving: believed at once, used a moment later, and the one before it given up."""

import pytest

from kits.gateway_world import T0
from secmlops.core.errors import SecmlopsError, VerificationError
from secmlops.gateway.log_keys import HANDOVER_SECONDS, LogKeys
from secmlops.ledger.checkpoint import read_checkpoint
from secmlops.ledger.log import Ledger
from secmlops.trust.local import LocalKeys
from secmlops.trust.roles import Role

ORIGIN = "secmlops.test/log"


class Desk:
    """Keys, and a process that has a log open and follows them."""

    def __init__(self, folder):
        self.path, self.seconds = folder / "log.db", 100.0
        self.keys = LocalKeys.create(folder / "keys", lambda: T0)
        self.log = self.open()
        self.following = LogKeys(self.keys, [self.log], lambda: self.seconds)

    def open(self):
        return Ledger.open(self.path, self.keys.signer(Role.LOG), ORIGIN, self.keys.ring().keys(Role.LOG))

    def rotate(self):
        """Rotate the log key; returns the one before."""
        before = self.keys.signer(Role.LOG).public
        self.keys.rotate(Role.LOG, T0.replace(year=T0.year + 1))
        return before

    def pass_by(self, seconds=HANDOVER_SECONDS):
        self.seconds += seconds
        self.following.refresh()

    @property
    def signed_by(self):
        """Key that signed the newest checkpoint."""
        note = self.open().checkpoint()
        for key in self.keys.ring().revoking_none().keys(Role.LOG):
            try:
                read_checkpoint(note, [key])
            except VerificationError:
                continue
            return key
        raise AssertionError("nobody signed")


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    made.log.close()


def entry(text=b"{}"):
    return [("note", text)]


def test_what_another_writes_under_the_new_key_is_read_at_once(desk):
    desk.rotate()
    with desk.open() as other:
        other.append(entry())
    with pytest.raises(VerificationError, match="not signed by a known key"):
        _ = desk.log.size
    desk.following.refresh()
    assert desk.log.size == 1


def test_the_new_key_signs_a_moment_later_and_what_is_there_is_signed_anew(desk):
    desk.log.append(entry())
    before = desk.rotate()
    desk.following.refresh()
    desk.pass_by(HANDOVER_SECONDS / 2)
    assert desk.signed_by == before
    desk.pass_by(HANDOVER_SECONDS / 2)
    assert desk.signed_by == desk.keys.ring().current(Role.LOG) != before
    assert desk.log.append(entry()) == range(1, 2)


def test_a_key_that_is_revoked_right_after_it_was_rotated_stops_nothing(desk):
    desk.log.append(entry())
    before = desk.rotate()
    desk.keys.revoke(before.key_id)
    desk.following.refresh()
    assert desk.log.append(entry()) == range(1, 2)
    desk.pass_by()
    assert [record.place for record in desk.log.entries()] == [0, 1]
    with desk.open() as other:  # which never heard of the revoked one
        assert other.size == 2


def test_once_it_is_over_the_key_before_is_believed_no_more(desk):
    old = desk.open()
    before = desk.rotate()
    desk.keys.revoke(before.key_id)
    desk.following.refresh()
    desk.pass_by()
    old.trust((before, desk.keys.signer(Role.LOG).public))
    old.append(entry(b"by a thief"))
    with pytest.raises(VerificationError, match="not signed by a known key"):
        _ = desk.log.size
    old.close()


def test_nothing_is_written_while_the_keys_stay_as_they_are(desk, monkeypatch):
    monkeypatch.setattr(desk.log, "go_on_with", lambda *_: pytest.fail("written"))
    monkeypatch.setattr(desk.log, "trust", lambda *_: pytest.fail("changed"))
    for _ in range(3):
        desk.pass_by(10)


def test_a_log_that_cannot_be_written_is_tried_again(desk, monkeypatch):
    desk.rotate()
    desk.following.refresh()

    def full(*_):
        raise SecmlopsError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(desk.log, "go_on_with", full)
        with pytest.raises(SecmlopsError, match="disk is full"):
            desk.pass_by()
    desk.pass_by(0.5)
    assert desk.signed_by == desk.keys.ring().current(Role.LOG)
