import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from secmlops.core.digest import Digest
from secmlops.core.finding import Finding, Severity
from secmlops.core.policy import Reason, Verdict
from secmlops.core.subject import Subject, SubjectKind
from secmlops.core.task import Task
from secmlops.release.verify import Check
from secmlops.report.material import LedgerFacts, ReportMaterial, Rules
from secmlops.report.render import render_report
from secmlops.trust.canonical import canonical_json

VOID = {"meta", "link", "br", "wbr", "img", "input", "hr"}
HOSTILE = (
    "<script>alert(1)</script>",
    "</style></title></pre><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "' autofocus onfocus='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "<svg/onload=alert(1)>",
    "</script><!--",
)


class Page(HTMLParser):
    """What a browser would see: elements with their attributes, texts, and whether tags are balanced."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.stack: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag, f"{tag} ends where it did not begin"

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


@pytest.fixture(scope="module")
def page(released: ReportMaterial) -> Page:
    return Page(render_report(released))


def hostile(material: ReportMaterial, text: str) -> ReportMaterial:
    """Material in which everything that others may write holds ``text``."""
    subject = Subject(SubjectKind.DATASET, text, Digest.of(b"x"))
    finding = Finding(text, Severity.ERROR, text, text, text)

    def spoilt(control: object) -> object:
        evidence = replace(
            control.evidence,  # type: ignore[attr-defined]  # every control of the fixture has some
            subject=subject,
            findings=(finding,) * 6,
            measures={**control.evidence.measures, text: 1.0, f"{text}_low": 0.0, f"{text}_high": 2.0},  # type: ignore[attr-defined]
        )
        return replace(control, why=text, evidence=evidence)  # type: ignore[type-var]

    standings = tuple(
        replace(
            stage,
            controls=tuple(spoilt(c) for c in stage.controls),
            verdict=Verdict(False, (Reason(text, False, text),)),
        )
        for stage in material.standings
    )
    points = [{"rows": r, "train": 1.0, "holdout": 0.5} for r in (10, 20)]
    return replace(
        material,
        project=text,
        standings=standings,
        checks=(Check(text, False, text),),
        rules=Rules({text: text}, {"assurance.performance.auc": ">= 0.74"}),
        ledger=LedgerFacts(text, 3, text, material.ledger.keys),
        release=replace(material.release, folder=text),
        products={**material.products, ("assurance.fit", "curve"): canonical_json({"metric": text, "points": points})},
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_others_write_stays_text(released: ReportMaterial, text: str) -> None:
    clean, spoilt = Page(render_report(released)), Page(render_report(hostile(released, text)))
    assert {tag for tag, _ in spoilt.elements} <= {tag for tag, _ in clean.elements} | {"li", "ul", "details"}
    assert not spoilt.stack
    for _, attributes in spoilt.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("autofocus", "src")]
    assert spoilt.text.count(text) >= 20


def test_hidden_characters_are_shown_everywhere(released: ReportMaterial) -> None:
    html = render_report(hostile(released, "yes\u202eon\x00\u200b"))
    assert not set(html) & {"\u202e", "\x00", "\u200b"}
    assert "yes[U+202E]on[U+0000][U+200B]" in html


def test_nothing_is_loaded_and_nothing_runs(page: Page, released: ReportMaterial) -> None:
    html = render_report(released)
    assert not page.all("script", "link", "img", "iframe", "object", "embed", "form", "base", "audio", "video", "use")
    assert all(str(a["href"]).startswith("#") for a in page.all("a"))
    assert "@import" not in html
    assert set(re.findall(r"url\(([^)]*)\)", html)) <= {
        f"#{key}-hatch" for key in ("split", "time", "memory", "balance", "threats")
    }
    assert "http://" not in html
    assert "https://" not in html
    policies = [m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert [str(p).split("; ")[:2] for p in policies] == [["default-src 'none'", "style-src 'unsafe-inline'"]]


def test_the_page_is_well_formed(page: Page) -> None:
    assert not page.stack
    ids = [str(a["id"]) for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    targets = {str(a["href"]).removeprefix("#") for a in page.all("a")}
    targets |= {i for _, a in page.elements for i in str(a.get("aria-labelledby") or "").split()}
    assert targets <= set(ids)
    assert page.elements[0] == ("html", {"lang": "en"})


def test_the_page_can_be_read_without_seeing_it(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))
    assert all(a.get("scope") in ("col", "row") for a in page.all("th"))
    drawings = page.all("svg")
    assert len(drawings) == 10
    assert all(a["role"] == "img" and a["aria-labelledby"] for a in drawings)


def test_the_page_says_what_matters(page: Page) -> None:
    assert "required checks passed: release credit-risk-1 may go into use" in page.text
    for heading in range(1, 9):
        assert f"{heading}. " in page.text
    assert "secmlops verify releases/credit-risk-1" in page.text
    assert "secmlops audit verify" in page.text
    assert "secmlops.local/credit-risk/0a1b\n19\nc2Vj\n" in page.text
    assert "0.800 (0.770 to 0.830)" in page.text
    assert "under 0.1 %" in page.text
    assert "Area under the ROC curve" in page.text
    assert "signed as releaser" in page.text
    assert "by a key that may not attest it" in page.text


def test_the_same_material_gives_the_same_page(released: ReportMaterial) -> None:
    assert render_report(released) == render_report(released)


def test_a_project_where_nothing_ran_has_a_page_too(released: ReportMaterial) -> None:
    bare = replace(
        released, standings=(), subjects={}, release=None, checks=(), places={}, products={}, rules=Rules(),
        threats=replace(released.threats, threats=()), ledger=LedgerFacts("o", 0, ""), task=Task.REGRESSION,
    )  # fmt: skip
    page = Page(render_report(bare))
    assert not page.stack
    assert "Not yet" in page.text
    assert "secmlops verify releases" not in page.text


def test_a_shut_gate_says_what_to_do(saying: Callable[..., ReportMaterial]) -> None:
    finding = Finding("p", Severity.ERROR, "email in the clear", "column 'mail'", "add to data.protect: mail: drop")
    page = Page(render_report(saying("data.personal", {"personal_columns": 1.0, "unprotected_columns": 1.0}, finding)))
    assert "No: this model may not be used" in page.text
    assert page.text.count("add to data.protect: mail: drop") == 2
    assert "not protected" in page.text


def test_revoked_and_ended_keys_are_told(released: ReportMaterial) -> None:
    (entry,) = released.ledger.keys
    for changed, told in (
        (replace(entry, revoked=True), "revoked"),
        (replace(entry, until=released.at), "to 2026-03-01"),
    ):
        assert told in Page(render_report(replace(released, ledger=replace(released.ledger, keys=(changed,))))).text


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours ``#rrggbb`` (WCAG 2.2, relative luminance)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_text_colour_can_be_read_on_every_ground(released: ReportMaterial) -> None:
    themes: list[Mapping[str, str]] = [
        dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", render_report(released), re.DOTALL)
    ]
    assert len(themes) == 3
    for theme in themes:
        for ink in ("ink", "quiet", "one", "good", "bad", "doubt"):
            for ground in ("page", "panel"):
                assert contrast(theme[ink], theme[ground]) >= 4.5, (ink, ground, theme)
