"""``secmlops demo``: really to the end: a release, a prediction over TLS, its receipt verified, and the report."""

from pathlib import Path

from secmlops.workspace import Workspace


def test_a_demo_serves_its_release_and_verifies_the_receipt_of_a_prediction(project: Path, secmlops) -> None:
    data = secmlops("demo", "credit-risk", "--folder", project, "--json").data
    assert (data["exit_code"], data["gate"]) == (0, "open")
    told = data["prediction"]
    assert told["receipt"]["verified"] is True
    assert told["receipt"]["facts"]["kind"] == "prediction"
    assert {tensor["name"] for tensor in told["answer"]["outputs"]}
    assert Path(data["report"]).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    again = secmlops("verify", told["file"])
    assert again.code == 0, "the receipt lies there for others, too"
    grants = Workspace(project).access.state.grants.values()
    assert [g.withdrawn for g in grants] == [True], "the key of the demo is in force no longer"


def test_a_demo_shows_a_person_the_same(project: Path, secmlops) -> None:
    said = secmlops("demo", "credit-risk", "--folder", project)
    assert said.code == 0
    assert "served   over TLS: " in said.out
    assert "✓ verified offline" in said.out
    assert str(project / "report.html") in said.out


def test_a_demo_whose_gate_is_shut_serves_nothing(tmp_path: Path, secmlops) -> None:
    said = secmlops("demo", "credit-risk", "--folder", tmp_path / "made", "--rows", 100)
    assert said.code == 1, "a hundred rows teach no model that may be released"
    assert "making: the data and secmlops.yaml" in said.err
    assert "is shut" in said.out
    assert "over TLS" not in said.out
    assert not (tmp_path / "made" / "prediction.tlog-proof").exists()
