"""What is refused on the command line costs nothing of the privacy budget."""

import errno
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kits.spending import TABLE, YAML
from secmlops.cli.main import _run

Told = tuple[int, dict[str, Any]]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> Callable[..., Told]:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    (tmp_path / "secmlops.yaml").write_text(YAML)
    (tmp_path / "t.csv").write_text(TABLE)

    def told(*arguments: str) -> Told:
        capsys.readouterr()
        code = int(_run(["data", *arguments, "-C", str(tmp_path), "--json"]))
        return code, json.loads(capsys.readouterr().out)

    return told


def test_what_is_refused_costs_nothing(ask: Callable[..., Told], tmp_path: Path) -> None:
    assert ask("budget", "--epsilon", "1")[0] == 0
    for wrong, why in (
        (("--group-by", ""), "without a name"),
        (("--group-by", "y,"), "without a name"),
        (("--out", str(tmp_path / "none" / "x.csv")), "nothing can be written"),
        (("--out", str(tmp_path / "x.txt")), "neither .csv nor .parquet"),
        (("--mean", "y:1"), "is no mean"),
    ):
        code, told = ask("release-dp", "--epsilon", "0.5", *wrong)
        assert (code, why in told["error"]["what"]) == (2, True), told
    code, told = ask("release-dp", "--epsilon", "0.5", "--out", str(tmp_path / "x.csv"))
    assert (code, (tmp_path / "x.csv").exists()) == (0, True)
    assert not list((tmp_path / ".secmlops/vault").rglob("source")), "a table that no run took in is not kept"
    assert ask("release-dp", "--epsilon", "0.6")[0] == 1, "half of it is spent, and no more"


def test_a_disk_that_fails_at_any_step_loses_no_release_that_was_paid(
    ask: Callable[..., Told], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first flush to the disk fails, then the second, and so on, until none does."""
    ask("budget", "--epsilon", "1")
    real, code, paid, step = os.fsync, 2, list[int](), 0
    while code:
        flushes = iter(range(step := step + 1, 0, -1))

        def flush(descriptor: int, flushes: Iterator[int] = flushes) -> None:
            if next(flushes, 0) == 1:
                raise OSError(errno.ENOSPC, "No space left on device")
            real(descriptor)

        out = tmp_path / f"{step}.csv"
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", flush)
            code, told = ask("release-dp", "--epsilon", "0.01", "--out", str(out))
        (before, paid), left = (paid, ask("budget")[1]["entries"]), ask("budget")[1]["left"]["epsilon"]
        assert left == pytest.approx(1 - 0.01 * len(paid))
        if code and len(paid) > len(before):
            assert f"--again {paid[-1]}" in told["error"]["hint"]
            assert ask("release-dp", "--again", str(paid[-1]), "--out", str(out))[0] == 0
            assert ask("budget")[1]["left"]["epsilon"] == left
        assert out.exists() is (len(paid) > len(before))
    assert 3 < step < 30
    first = (tmp_path / f"{step}.csv").read_bytes()
    code, told = ask("release-dp", "--again", str(paid[-1]), "--out", str(tmp_path / "again.csv"))
    assert (code, (tmp_path / "again.csv").read_bytes()) == (0, first)
    assert ask("release-dp", "--again", str(paid[-1]), "--out", str(tmp_path / "again.parquet"))[0] == 2
    assert ask("release-dp")[0] == 2
