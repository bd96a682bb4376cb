"""The pages hold together: links lead somewhere, lines are short, and nothing of anybody's machine stands in them."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from docs.conftest import REAL, ROOT, Desk, blocks_of

FORBIDDEN = re.compile(
    r"/work/|/tmp/|/root/|/home/|/Users/|https?://(?:127\.|10\.|192\.168\.)|index-url|pypi\.org|files\.pythonhosted"
    r"|artifactory|TODO|FIXME|lorem ipsum",
    re.IGNORECASE,
)
EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u26ff]")
LONGEST = 120


def test_links_lead_to_pages_that_are_there(page: Path) -> None:
    text = page.read_text("utf-8")
    targets = [*re.findall(r"\]\(([^)\s]+)\)", text), *re.findall(r'<img src="([^"]+)"', text)]
    local = [t.partition("#")[0] for t in targets if "://" not in t]
    assert [t for t in local if t and not (page.parent / t).is_file()] == []


def test_nothing_of_anybodys_machine_stands_on_a_page(page: Path) -> None:
    text = page.read_text("utf-8")
    assert FORBIDDEN.findall(text) == []
    assert EMOJI.findall(text) == []


def test_lines_are_short_but_for_tables_and_pictures(page: Path) -> None:
    lines = page.read_text("utf-8").splitlines()
    assert [line for line in lines if len(line) > LONGEST and not line.startswith(("|", "<img"))] == []


def test_the_readme_can_be_read_in_one_go() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) < 200


def test_every_page_of_the_navigation_is_there_and_every_page_is_in_it() -> None:
    navigation = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    entries = [[entry] if isinstance(entry, str) else next(iter(entry.values())) for entry in navigation]
    named = {Path(name) for entry in entries for name in entry}
    assert named == {p.relative_to(ROOT / "docs") for p in (ROOT / "docs").rglob("*.md")}


def test_the_picture_reads_in_light_and_in_dark() -> None:
    picture = (ROOT / "docs" / "images" / "chain.svg").read_text("utf-8")
    light, dark = picture.split("@media (prefers-color-scheme: dark)")
    classes = set(re.findall(r"\.([a-z]+) \{[^}]*(?:fill|stroke): #", light))
    assert classes == set(re.findall(r"\.([a-z]+) \{[^}]*(?:fill|stroke): #", dark.partition("</style>")[0]))
    assert "<desc" in picture


def test_the_control_of_the_guide_runs_in_a_project(desk: Callable[[], Desk], tmp_path: Path) -> None:
    page = ROOT / "docs" / "how-to" / "write-a-control.md"
    files = {block.title: block.text for block in blocks_of(page) if block.title}
    _install(files, tmp_path / "site")
    place = desk()
    addition = next(block.text for block in blocks_of(page) if block.language == "yaml")
    project = place.folder / "secmlops.yaml"
    whole, piece = yaml.safe_load(project.read_text("utf-8")), yaml.safe_load(addition)
    whole["controls"] = piece["controls"]
    whole["release"]["require"].update(piece["release"]["require"])
    project.write_text(yaml.safe_dump(whole), "utf-8")
    done = place.run(f"'{REAL}' run", PYTHONPATH=str(tmp_path / "site"))
    assert done.returncode == 0, done.stdout
    assert re.search(r"assurance\.equal_accuracy\s+✓ passed", done.stdout)
    whole["controls"]["assurance.equal_accuracy"]["maximum_gap"] = 0.0
    project.write_text(yaml.safe_dump(whole), "utf-8")
    done = place.run(f"'{REAL}' run", PYTHONPATH=str(tmp_path / "site"))
    assert done.returncode == 1, done.stdout
    assert "accuracy differs by" in done.stdout


def _install(files: dict[str, str], site: Path) -> None:
    """Lay the package out as an installer does: the module, and its entry points beside it."""
    project = tomllib.loads(files["pyproject.toml"])["project"]
    (entries,) = project["entry-points"].items()
    about = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    about.mkdir(parents=True)
    lines = [f"[{entries[0]}]", *(f"{name} = {value}" for name, value in entries[1].items())]
    (about / "entry_points.txt").write_text("\n".join(lines) + "\n", "utf-8")
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 1.0.0\n", "utf-8")
    for name, text in files.items():
        if name.endswith(".py"):
            (site / name).write_text(text, "utf-8")


@pytest.mark.parametrize("name", ["equal_accuracy.py"])
def test_the_control_of_the_guide_is_short(name: str) -> None:
    page = ROOT / "docs" / "how-to" / "write-a-control.md"
    (text,) = [block.text for block in blocks_of(page) if block.title == name]
    assert len(text.splitlines()) < 80
