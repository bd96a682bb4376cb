"""The door of the command line: exit codes, one JSON object whatever happens, and no traceback ever."""

import json
import os
import pickle
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
import pytest

from secmlops.cli import status
from secmlops.cli.main import SECTIONS, VERBS, main, root
from secmlops.workspace import Workspace


def test_the_version_and_help_are_fine(secmlops) -> None:
    assert secmlops("--version").out.startswith("secmlops, version")
    said = secmlops("--help")
    assert said.code == 0
    assert [v for v in VERBS if f"  {v} " in said.out] == list(VERBS)


def test_help_shows_the_verbs_in_groups_and_the_exit_codes(secmlops) -> None:
    lines = secmlops("--help").out.splitlines()
    places = [lines.index(f"{title}:") for title in SECTIONS]
    assert places == sorted(places)
    for place, (title, verbs) in zip(places, SECTIONS.items(), strict=True):
        shown = [line.split()[0] for line in lines[place + 1 : place + 1 + len(verbs)]]
        assert shown == list(verbs), title
    assert "    1  a gate is shut, a verification failed, or a file is not safe" in lines


def commands() -> Iterator[tuple[str, click.Command]]:
    for name in VERBS:
        command = root.get_command(click.Context(root), name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {sub}", one) for sub, one in command.commands.items())


@pytest.mark.parametrize(("name", "command"), [pytest.param(*c, id=c[0]) for c in commands()])
def test_the_help_of_every_verb_says_what_it_does_and_what_each_option_is(name: str, command: click.Command) -> None:
    first = (command.help or "").partition("\n")[0]
    assert first[0].isupper(), name
    assert "." in first, f"the first line of {name} is a whole sentence"
    for option in command.params:
        if isinstance(option, click.Option):
            told = option.help or ""
            assert told.endswith((".", ")")) or isinstance(option.type, click.Choice), f"{name} {option.name}"


@pytest.mark.parametrize("name", ["init", "run", "verify", "scan", "threats", "demo", "keys revoke"])
def test_the_examples_in_the_help_name_options_that_are_there(name: str) -> None:
    command = dict(commands())[name]
    epilog = command.epilog or ""
    examples = [line for line in epilog.splitlines() if line.startswith("  secmlops ")]
    assert any(line.startswith(f"  secmlops {name} ") for line in examples)
    options = {o for p in command.params for o in p.opts}
    assert set(re.findall(r"(?<= )--?[A-Za-z][a-z-]*", " ".join(examples))) <= options


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_that_fits(verb: str, secmlops) -> None:
    said = secmlops(verb, "--help")
    assert said.code == 0
    assert "Usage: secmlops" in said.out
    assert max(map(len, said.out.splitlines())) <= 100


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["audit"],
        ["nonsense"],
        ["rnu"],
        ["run", "--nonsense"],
        ["run", "--until", "moon"],
        ["run", "extra"],
        ["run", "-C"],
        ["verify"],
        ["verify", "/no/such/path"],
        ["audit", "prove", "x"],
        ["audit", "nonsense"],
        ["scan"],
        ["keys", "rotate"],
        ["run", "-C", "/no/such/folder"],
        ["status", "-C", "/dev/null"],
        ["init", "/tmp"],
    ],
)
def test_wrong_usage_is_two_and_with_json_one_object(arguments: list[str], secmlops) -> None:
    plain = secmlops(*arguments)
    assert plain.code == 2
    assert plain.err
    assert plain.out == ""
    told = secmlops(*arguments, "--json")
    assert told.code == 2
    assert told.data["exit_code"] == 2
    assert told.data["error"]["what"]


def test_a_folder_without_a_project_is_told_and_left_alone(tmp_path: Path, secmlops) -> None:
    for verb in (["run"], ["status"], ["threats"], ["audit", "log"], ["audit", "verify"]):
        said = secmlops(*verb, "-C", tmp_path)
        assert said.code == 2, verb
        assert "there is no secmlops.yaml here" in said.err
        assert "secmlops init" in said.err
    assert list(tmp_path.iterdir()) == []


def test_something_of_ours_that_broke_is_three_and_asks_for_a_report(secmlops, tiny: Path, monkeypatch) -> None:
    def broken(self: Workspace) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(status, "survey_of", broken)
    said = secmlops("status", "-C", tiny, "--json")
    assert said.code == 3
    assert said.data["error"]["type"] == "RuntimeError"
    assert "please report this" in said.err


def test_the_traceback_is_there_for_those_who_ask(tiny: Path, monkeypatch) -> None:
    def broken(self: Workspace) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(status, "survey_of", broken)
    monkeypatch.setenv("SECMLOPS_DEBUG", "1")
    with pytest.raises(RuntimeError, match="unforeseen"):
        main(["status", "-C", str(tiny)])


def test_a_full_disk_or_another_failure_of_the_system_is_not_called_our_defect(
    secmlops, tiny: Path, monkeypatch
) -> None:
    def full(self: Workspace) -> None:
        raise OSError(28, "No space left on device", str(tiny / "x"))

    monkeypatch.setattr(status, "survey_of", full)
    said = secmlops("status", "-C", tiny, "--json")
    assert said.code == 2
    assert "No space left on device" in said.data["error"]["what"]


def test_an_interruption_is_told_in_json_too(secmlops, tiny: Path, monkeypatch) -> None:
    def interrupted(self: Workspace) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(status, "survey_of", interrupted)
    said = secmlops("status", "-C", tiny, "--json")
    assert said.code == 130
    assert said.data["error"]["what"].startswith("stopped")


def test_the_schema_is_one_json_object(secmlops) -> None:
    assert json.loads(secmlops("schema").out)["$ref"] == "#/$defs/Project"
    assert json.loads(secmlops("schema", "--json").out)["$ref"] == "#/$defs/Project"


def test_scan_passes_what_is_safe_and_stops_what_is_not(tmp_path: Path, secmlops) -> None:
    safe, evil = tmp_path / "weights.npy", tmp_path / "model.pkl"
    np.save(safe, np.zeros(3))
    evil.write_bytes(pickle.dumps(os.getcwd))
    assert secmlops("scan", safe).code == 0
    said = secmlops("scan", safe, evil)
    assert said.code == 1
    assert "✗ DANGEROUS" in said.out
    assert "posix.getcwd" in said.out.replace("\n", "").replace(" ", "") or "getcwd" in said.out
    data = secmlops("scan", safe, evil, "--json").data
    assert [f["verdict"] for f in data["files"]] == ["safe", "dangerous"]
    sarif = secmlops("scan", evil, "--sarif")
    assert json.loads(sarif.out)["version"] == "2.1.0"
    assert secmlops("scan", tmp_path / "missing").code == 2


def test_scan_walks_a_folder(tmp_path: Path, secmlops) -> None:
    deep = tmp_path / "models" / "deep"
    deep.mkdir(parents=True)
    (tmp_path / "empty").mkdir()
    np.save(deep / "weights.npy", np.zeros(3))
    (tmp_path / "models" / "loop").symlink_to(tmp_path / "models")
    assert secmlops("scan", tmp_path / "models").code == 0
    (deep / "model.pkl").write_bytes(pickle.dumps(os.getcwd))
    data = secmlops("scan", tmp_path / "models", "--json").data
    assert [(f["name"], f["verdict"]) for f in data["files"]] == [
        (str(deep / "model.pkl"), "dangerous"),
        (str(deep / "weights.npy"), "safe"),
    ]
    assert secmlops("scan", tmp_path / "empty").code == 2


def test_a_misspelt_verb_is_told_the_nearest_one(secmlops) -> None:
    assert "Did you mean verify?" in secmlops("verfy", "--json").data["error"]["what"]
    assert "Did you mean 'rotate'?" in secmlops("keys", "rotat", "--json").data["error"]["what"]
    assert "Did you mean" not in secmlops("xxxxxxxxx", "--json").data["error"]["what"]


def test_help_and_import_stay_light() -> None:
    script = (
        "import sys\nimport secmlops\nfrom secmlops.cli.main import _run\n_run(['--help'])\n"
        "heavy = {'numpy', 'pyarrow', 'sklearn', 'onnx', 'onnxruntime', 'pandas', 'skl2onnx', 'uvicorn'}\n"
        "sys.exit(', '.join(sorted(heavy & sys.modules.keys())) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_reader_that_goes_away_is_told_nothing_and_no_success(small_project: Path) -> None:
    script = f"import secmlops.cli.main as m; m.main(['audit', 'log', '-C', {str(small_project)!r}, '--json'])"
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    told = process.stderr.read().decode()
    process.stderr.close()
    assert (process.wait(60), told) == (141, "")


def test_ctrl_c_ends_a_real_run_with_one_object_and_the_next_goes_on(tiny: Path, secmlops) -> None:
    script = (
        "import signal, sys, time\n"
        "from secmlops.data.schema.control import Schema\n"
        "from secmlops.cli.main import main\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # what runs in the background is born deaf to it
        "Schema.examine = lambda self, artifact: (print('working', file=sys.stderr, flush=True), time.sleep(60))\n"
        f"main(['run', '-C', {str(tiny)!r}, '--json'])\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr
    for line in process.stderr:
        if line == "working\n":
            break
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert json.loads(out)["exit_code"] == 130
    assert "Traceback" not in err
    assert secmlops("run", "-C", tiny, "--until", "data").code == 0
    assert secmlops("audit", "verify", "-C", tiny).code == 0
