"""What is refused on the command line costs nothing of the privacy budget."""

import json
from collections.abc import Callable
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
    assert ask("release-dp", "--epsilon", "0.6")[0] == 1, "half of it is spent, and no more"
