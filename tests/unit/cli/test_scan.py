"""The verb ``scan``: digests for machines, of the bytes that were scanned, and none computed for a person's table."""

import json
import pickle
from pathlib import Path

import pytest

from secmlops.cli.main import main
from secmlops.core.digest import Digest


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two files of one name, the first of them safe."""
    paths = [tmp_path / folder / "m.pkl" for folder in ("a", "b")]
    for path, data in zip(paths, (pickle.dumps([1]), b"cos\nsystem\n."), strict=True):
        path.parent.mkdir()
        path.write_bytes(data)
    return paths


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    with pytest.raises(SystemExit) as stopped:
        main(["scan", *map(str, arguments)])
    return stopped.value.code, capsys.readouterr().out


def test_json_has_the_digest_of_each_file(files: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    code, out = said(capsys, "--json", *files)
    told = json.loads(out)
    assert (code, told["exit_code"]) == (1, 1)
    assert [file["verdict"] for file in told["files"]] == ["safe", "dangerous"]
    assert [file["digest"] for file in told["files"]] == [str(Digest.of(path.read_bytes())) for path in files]


@pytest.mark.parametrize("options", [["--sarif"], ["--sarif", "--json"]])
def test_sarif_has_the_digest_of_each_file(
    options: list[str], files: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = said(capsys, *options, *files)
    hashes = [artifact["hashes"]["sha-256"] for artifact in json.loads(out)["runs"][0]["artifacts"]]
    assert (code, hashes) == (1, [Digest.of(path.read_bytes()).hex for path in files])


def test_a_table_shows_no_digest_and_computes_none(
    files: list[Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Digest, "of", lambda _: pytest.fail("a digest that nobody reads"))
    code, out = said(capsys, files[0])
    assert code == 0
    assert "✓ safe" in out
    assert "sha256" not in out
