"""The reference names everything there is, with its real default, and nothing that is not there."""

import dataclasses
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import click
import msgspec
import pytest
import yaml

from docs.conftest import PAGES, ROOT, Desk, blocks_of
from secmlops.cli.answer import ExitCode
from secmlops.cli.main import VERBS, root
from secmlops.data.protection.actions import Action
from secmlops.gateway.app import ROUTES
from secmlops.gateway.responses import TITLES
from secmlops.lifecycle.plan import BUILT_IN, LOOKS_UP, ON_DEMAND, WEIGHS
from secmlops.lifecycle.registry import control_class, control_ids
from secmlops.project.load import load_project
from secmlops.project.settings import BuiltInModel, Project
from secmlops.release.scan.limits import Limits
from secmlops.training.sandbox.isolation import WAIVERS
from secmlops.usecases import credit_risk

REFERENCE = ROOT / "docs" / "reference"


def sections(page: str) -> dict[str, str]:
    """Text below each heading that is a word of the product, by that word."""
    text = (REFERENCE / page).read_text("utf-8")
    parts = re.split(r"^## `([^`]+)`$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], (re.split(r"^## ", p, flags=re.MULTILINE)[0] for p in parts[2::2]), strict=True))


def rows(text: str) -> dict[str, list[str]]:
    """Cells of the table rows that begin with a word in code, by that word."""
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| `"):
            found[cells[0].strip("| `")] = cells
    return found


def verbs() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(root)
    for name in VERBS:
        command = root.get_command(context, name)
        assert command is not None
        yield from within(f"secmlops {name}", command)


def within(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """The command, or those below it, at any depth."""
    if isinstance(command, click.Group):
        for sub, one in command.commands.items():
            yield from within(f"{name} {sub}", one)
    else:
        yield name, command


@pytest.mark.parametrize(("name", "command"), list(verbs()), ids=lambda v: v if isinstance(v, str) else "")
def test_every_option_of_a_verb_is_documented_and_no_other(name: str, command: click.Command) -> None:
    text = sections("cli.md")[name]
    options = {o for p in command.params if isinstance(p, click.Option) for o in p.opts}
    documented = set(re.findall(r"(?<![\w-])(--?[a-zA-Z][a-z-]*)", text))
    assert options <= documented
    others = {o for _, c in verbs() for p in c.params if isinstance(p, click.Option) for o in p.opts}
    first = {cells[0] for cells in rows(text).values()}
    assert set(re.findall(r"(?<![\w-])(--?[a-zA-Z][a-z-]*)", " ".join(first))) <= options
    assert documented <= others


@pytest.mark.parametrize(("name", "command"), list(verbs()), ids=lambda v: v if isinstance(v, str) else "")
def test_every_choice_of_a_verb_is_documented(name: str, command: click.Command) -> None:
    choices = {c for p in command.params if isinstance(p.type, click.Choice) for c in p.type.choices}
    assert {c for c in choices if f"`{c}`" not in sections("cli.md")[name]} == set()


def test_the_reference_has_exactly_the_verbs_that_there_are() -> None:
    assert list(sections("cli.md")) == [name for name, _ in verbs()]


@pytest.mark.parametrize("page", ["reference/cli.md", "how-to/continuous-integration.md"])
def test_every_exit_code_is_documented(page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    assert re.findall(r"^\| (\d+) \|", text, re.MULTILINE) == [str(int(code)) for code in ExitCode]


def test_every_benchmark_is_documented() -> None:
    text = (REFERENCE / "benchmarks.md").read_text("utf-8")
    scripts = [p.name for p in (ROOT / "benchmarks").glob("*.py") if '"__main__"' in p.read_text("utf-8")]
    assert [name for name in scripts if name not in ("__main__.py", "load.py") and name not in text] == []


SEVERAL = {tuple: "[]", dict: ".{}"}
"""How the key of one of several sections is written."""
ANY = {
    "serving.outputs": "ROLE",
    "serving.validation.features": "NAME",
    "data.anonymise.quasi_identifiers": "COLUMN",
    "data.anonymise.sensitive": "COLUMN",
}


def settings(kind: type[msgspec.Struct] = Project, place: str = "") -> Iterator[tuple[str, Any]]:
    hints = get_type_hints(kind)
    for field in msgspec.structs.fields(kind):
        key, default = f"{place}{field.name}", field.default
        if field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        yield key, default
        hint = hints[field.name]
        for inner in (hint, *get_args(hint)):
            if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
                yield from settings(inner, f"{key}{SEVERAL.get(get_origin(hint), '').format(ANY.get(key))}.")


def told(default: Any) -> str:
    """A default as the page writes it."""
    if default is msgspec.NODEFAULT:
        return "required"
    if isinstance(default, msgspec.Struct):
        return "see below"
    if default is None:
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return "`[]`" if default == () else f"`{default}`"


def test_every_setting_of_the_project_file_is_documented_with_its_default() -> None:
    text = (REFERENCE / "project-file.md").read_text("utf-8").partition("## What lies beside it")[0]
    documented = {key: cells[2] for key, cells in rows(text).items()}
    assert documented == {key: told(default) for key, default in settings()}


def test_every_word_that_the_project_file_takes_is_documented() -> None:
    text = (REFERENCE / "project-file.md").read_text("utf-8")
    words = [*Action, *BuiltInModel, *WAIVERS, *get_args(get_type_hints(Project)["task"])]
    assert [w for w in words if f"`{w}`" not in text] == []


def test_every_route_of_the_gateway_is_documented_with_its_right() -> None:
    text = (REFERENCE / "http.md").read_text("utf-8")
    documented = {tuple(route.split()): cells[1].strip("`") for route, cells in rows(text).items() if " /" in route}
    assert documented == {(r.method, r.path): r.action or "open" for r in ROUTES}


def test_every_status_of_a_problem_is_documented() -> None:
    text = (REFERENCE / "http.md").read_text("utf-8")
    assert [int(status) for status in re.findall(r"^\| (\d{3}) \|", text, re.MULTILINE)] == [200, *TITLES]


def test_the_reference_has_the_built_in_controls_in_their_order() -> None:
    assert tuple(sections("controls.md")) == (*BUILT_IN, LOOKS_UP, WEIGHS, *ON_DEMAND)
    assert set(BUILT_IN) <= set(control_ids())


@pytest.mark.parametrize("control", [*BUILT_IN, LOOKS_UP, WEIGHS, *ON_DEMAND])
def test_every_setting_and_threat_of_a_control_is_documented(control: str) -> None:
    text, kind = sections("controls.md")[control], control_class(control)
    table = {name: cells[1] for name, cells in rows(text).items()}
    fields: Any = dataclasses.fields(kind)  # type: ignore[arg-type]  # every control is a dataclass
    assert set(table) == {f.name for f in fields}
    for field in fields:
        if field.default is not dataclasses.MISSING:
            assert table[field.name] == f"`{json.dumps(field.default)}`"
    answers, _, reduces = text.partition("**Reduces**")
    told = r"`((?:atlas|owasp-ml|stride|nist-ai-100-2)[\w-]*:[^`]+)`"
    assert set(re.findall(told, answers)) == set(kind.threats)
    assert set(re.findall(told, reduces)) == set(getattr(kind, "reduces", ()))


def test_every_limit_of_the_scan_is_documented() -> None:
    text = sections("controls.md")["release.scan"]
    assert [f.name for f in dataclasses.fields(Limits) if f"`{f.name}`" not in text] == []


def test_every_measure_and_product_of_a_run_is_documented(released: Path, programs: Path) -> None:
    desk = Desk(released / "loans", released / "keys", programs)
    done = desk.run("secmlops run --json 2> progress.log")
    controls = [c for stage in json.loads(done.stdout)["stages"] for c in stage["controls"]]
    assert {c["control"] for c in controls} == set(BUILT_IN)
    missing = {
        f"{c['control']}.{measure}"
        for c in controls
        for measure in c["measures"]
        if not _measure_is_told(measure, sections("controls.md")[c["control"]])
    }
    assert missing == set()


def _measure_is_told(measure: str, text: str) -> bool:
    general = re.sub(r"^baseline_|_(low|high)$", "", measure)
    setting, _, name = measure.partition(".")
    measure, general = (re.sub(r"_at_[\d.]+(?=_|$)", "_at_B", of) for of in (measure, general))
    of_each = f"`{setting}`" in text and f"`SETTING.{name}`" in text
    if "`NAME.MEASURE`" in text and "." in measure and _measure_is_told(name, text):
        return True
    return f"`{measure}`" in text or of_each or ("`NAME_low`" in text and f"`{general}`" in text)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_piece_of_a_project_file_on_a_page_is_accepted(page: Path) -> None:
    for block in blocks_of(page):
        piece = yaml.safe_load(block.text) if block.language == "yaml" else {}
        if piece and piece.keys() <= set(Project.__struct_fields__) and "image" not in piece.get("release", {}):
            whole = yaml.safe_load(credit_risk.PROJECT)
            for key, value in piece.items():
                whole[key] = {**whole[key], **value} if isinstance(value, dict) and key in whole else value
            if "entry" in piece.get("training", {}):
                del whole["training"]["model"]
            load_project(yaml.safe_dump(whole))


def test_the_drawing_of_the_floors_is_the_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    floors = [set(re.findall(r"secmlops\.(\w+)", layer)) for layer in contracts[0]["layers"]]
    drawn = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("```\n")[3].splitlines()
    assert [set(re.findall(r"\w+", line.split("  ")[0])) for line in drawn] == floors
