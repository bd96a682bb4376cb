"""SARIF: the required structure, rules that results point at, places in and outside of archives."""

import gzip
import json

import pytest

from secmlops.core.digest import Digest
from secmlops.release.scan import scan_bytes
from secmlops.release.scan.rules import RULES
from secmlops.release.scan.sarif import to_sarif

BAD = b"cos\nsystem\n)R."


def test_log_of_two_files() -> None:
    log = json.loads(json.dumps(to_sarif([scan_bytes("a b.pkl", BAD), scan_bytes("c.pkl.gz", gzip.compress(BAD))])))
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(RULES)
    assert [artifact["location"]["uri"] for artifact in run["artifacts"]] == ["a%20b.pkl", "c.pkl.gz"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] == "error"
        assert result["message"]["text"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["index"] in (0, 1)
    plain, packed = run["results"][0]["locations"][0], run["results"][-1]["locations"][0]
    assert plain["physicalLocation"]["region"] == {"byteOffset": 11}
    assert packed["logicalLocations"][0]["fullyQualifiedName"] == "c.pkl.gz!/c.pkl"
    assert "region" not in packed["physicalLocation"]


def test_digests_stand_with_the_file_they_are_of_even_where_two_share_a_name() -> None:
    reports = [scan_bytes("m.pkl", BAD), scan_bytes("m.pkl", b"N.")]
    digests = [Digest.of(BAD), Digest.of(b"N.")]
    artifacts = to_sarif(reports, digests=digests)["runs"][0]["artifacts"]
    assert [artifact["hashes"]["sha-256"] for artifact in artifacts] == [digest.hex for digest in digests]
    assert all("hashes" not in artifact for artifact in to_sarif(reports)["runs"][0]["artifacts"])
    with pytest.raises(ValueError, match="shorter"):
        to_sarif(reports, digests=digests[:1])


def test_no_reports_is_a_valid_empty_run() -> None:
    assert to_sarif([])["runs"][0]["results"] == []
