"""The child's own attempts to break out do find a way where there is one."""

import os
from pathlib import Path

import pytest

from secmlops.training.sandbox import selftest


def test_an_open_machine_is_called_open(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    canary.touch()
    assert not selftest.files_isolated(canary)
    assert not selftest._can_open(tmp_path / "missing", os.O_RDONLY)


def test_a_socket_that_can_be_aimed_is_no_isolation() -> None:
    assert selftest._can_aim(2, "127.0.0.1")
    assert not selftest.network_blocked()


def test_a_process_that_can_signal_is_not_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise PermissionError

    monkeypatch.setattr(os, "fork", refuse)
    assert not selftest.processes_blocked()
