"""Reading a project file: what is right is read, what is wrong is told with line, choice and nearest word."""

import json
from pathlib import Path

import jsonschema
import pytest

from secmlops.core.errors import InputError
from secmlops.data.protection.actions import Action
from secmlops.project import load_project, read_project
from secmlops.project.document import read_document
from secmlops.project.load import read_serving
from secmlops.project.settings import BuiltInModel, json_schema
from secmlops.usecases import credit_risk, diagnostics

GOOD = """\
secmlops: 1
name: loans
task: binary_classification
data:
  source: t.csv
  label: y
training:
  model: logistic_regression
"""


def refusal(text: str) -> InputError:
    with pytest.raises(InputError) as refused:
        load_project(text)
    return refused.value


def test_a_small_project_has_the_documented_defaults() -> None:
    project = load_project(GOOD)
    assert project.training.model is BuiltInModel.LOGISTIC_REGRESSION
    assert project.assurance.holdout == 0.25
    assert project.release.within == "30 d"
    assert project.serving.port == 8443
    assert not project.training.sandbox.network


def test_every_key_is_read() -> None:
    project = load_project(credit_risk.PROJECT)
    assert project.data.protect["iban"] is Action.ENCRYPT
    assert project.release.require["assurance.fit.gap"] == "<= 0.15"


WRONG = [
    ("label: y", "lable: y", 4, "line 6: data.lable: unknown key; did you mean label?"),
    ("label: y", "label: 3", 6, "data.label: expected text (the column to predict), found 3"),
    ("label: y", "label: true", 6, "expected text (the column to predict), found true"),
    ("label: y", "label: [a]", 6, "expected text, found a list"),
    ("label: y", "label: {a: 1}", 6, "expected text, found a mapping"),
    ("label: y", "label:", 6, "found nothing"),
    ("  label: y\n", "", 4, "data: the key label is missing"),
    ("name: loans\n", "", 1, "the key name is missing"),
    ("name: loans", "name: My Loans", 2, "expected lower case, digits, dots and dashes, found 'My Loans'"),
    ("secmlops: 1", "secmlops: 2", 1, "secmlops: 2 is not allowed here; allowed: 1"),
    ("binary_classification", "binary_clasification", 3, "did you mean binary_classification?"),
    ("logistic_regression", "gradient_bosting", 8, "did you mean gradient_boosting?"),
    ("label: y", "label: y\n  sensitive: sex", 7, "expected a list"),
    ("label: y", "label: y\n  protect: {mail: dorp}", 7, "data.protect.mail: 'dorp' is not allowed here"),
    ("label: y", "label: y\n  protect: [mail]", 7, "expected a mapping of names to values, found a list"),
    ("label: y", "label: y\n  protect: {y: drop}", 7, "the label cannot be protected"),
    ("source: t.csv", "source: ../t.csv", 5, "not a file below the project's folder"),
    ("source: t.csv", "source: /etc/passwd", 5, "not a file below the project's folder"),
    ("source: t.csv", 'source: "t\\0.csv"', 5, "not a file below the project's folder"),
    ("source: t.csv", "source: ''", 5, "not a file below the project's folder"),
    ("model: logistic_regression", "frame: arrow", 7, "exactly one of model and entry"),
    ("model: logistic_regression", "model: random_forest\n  entry: a.py:fit", 7, "exactly one of model and entry"),
    ("model: logistic_regression", "entry: ../a.py:fit", 8, "is not an entry; write FILE.py:FUNCTION"),
    ("model: logistic_regression", "entry: /a.py:fit", 8, "is not an entry"),
    ("model: logistic_regression", "entry: a.py", 8, "is not an entry"),
    ("model: logistic_regression", "entry: a.py:f.g", 8, "is not an entry"),
    ("model: logistic_regression", "entry: a.sh:fit", 8, "is not an entry"),
    ("model: logistic_regression", "model: random_forest\n  seed: -1", 9, "expected a whole number >= 0"),
    ("model: logistic_regression", "model: random_forest\n  frame: polars", 9, "allowed: arrow, pandas"),
    ("  model: logistic_regression", "  model: random_forest\n  sandbox: {network: true}", 9, "without a network"),
    ("  model: logistic_regression", "  model: random_forest\n  sandbox: {memory: much}", 9, "units: B, KiB"),
    ("  model: logistic_regression", "  model: random_forest\n  sandbox: {time: 3 weeks}", 9, "units: s, min, h, d"),
    (
        "  model: logistic_regression",
        "  model: random_forest\n  sandbox: {accept: [no-landlok]}",
        9,
        "did you mean no-landlock?",
    ),
]


@pytest.mark.parametrize(("right", "wrong", "line", "what"), WRONG)
def test_what_is_wrong_is_told_with_its_line(right: str, wrong: str, line: int, what: str) -> None:
    error = refusal(GOOD.replace(right, wrong))
    assert (error.where, what in error.what) == (f"secmlops.yaml:{line}", True), error


@pytest.mark.parametrize(
    ("section", "what"),
    [
        ("assurance: {holdout: 0.9}", "expected a number <= 0.5"),
        ("assurance: {holdout: 0}", "expected a number >= 0.05"),
        ("serving: {port: 99999}", "expected a whole number <= 65535"),
        ("release: {within: soon}", "units: s, min, h, d"),
        ("release: {require: {assurance.performance.auc: 0.7}}", 'expected text (for example ">= 0.74"), found 0.7'),
        ("release: {require: {assurance.performance.auc: high}}", "is not a condition"),
        ("release: {require: {auc: '>= 0.7'}}", "name a measure as STAGE.CONTROL.MEASURE"),
        ("controls: [a]", "expected a mapping of names to values"),
        ("controls: {data.schema: {profile: [[a]]}}", "controls.data.schema.profile: expected"),
        ("nonsense: 1", "nonsense: unknown key"),
        ("1: 2", "1: unknown key"),
    ],
)
def test_the_other_sections_are_held_to_their_types_too(section: str, what: str) -> None:
    error = refusal(GOOD + section)
    assert error.where == "secmlops.yaml:9"
    assert what in error.what


def test_numbers_of_private_training_that_contradict_are_refused() -> None:
    private = "model: logistic_regression\n  private: {epsilon: 3, delta: 1e-5, bounds: {age: [75, 18]}}"
    assert "not two rising numbers" in refusal(GOOD.replace("model: logistic_regression", private)).what


@pytest.mark.parametrize("text", ["hello", "- a\n- b", "3", "[]"])
def test_a_document_that_is_no_mapping_is_refused(text: str) -> None:
    assert "expected a section with keys secmlops, name, task" in refusal(text).what


def test_all_problems_are_told_at_once_in_the_order_of_their_lines() -> None:
    error = refusal(GOOD.replace("name: loans", "name: LOANS").replace("label: y", "lable: y"))
    told = str(error).splitlines()
    assert told[0].startswith("secmlops.yaml:2: name:")
    assert [line.split(":")[0] for line in told[1:]] == ["  line 4", "  line 6"]


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no secmlops\.yaml here.*secmlops init"):
        read_project(tmp_path / "secmlops.yaml")


def test_a_folder_in_its_place_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "secmlops.yaml").mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        read_project(tmp_path / "secmlops.yaml")


def test_a_byte_order_mark_is_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "secmlops.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert read_project(file).name == "loans"


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_another_encoding_than_utf_8_is_refused(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "secmlops.yaml"
    file.write_bytes(GOOD.replace("loans", "dürfen").encode(encoding))
    with pytest.raises(InputError, match=r"not UTF-8 text.*save it as UTF-8"):
        read_project(file)


@pytest.mark.parametrize("text", [GOOD, credit_risk.PROJECT, diagnostics.PROJECT])
def test_the_schema_accepts_what_is_right(text: str) -> None:
    jsonschema.Draft202012Validator(json.loads(json_schema())).validate(read_document(text, "f").value)


SHAPES = [
    w for w in WRONG if not any(s in w[3] for s in ("entry", "below", "protected", "network", "units", "landlock"))
]


@pytest.mark.parametrize(("right", "wrong", "line", "what"), SHAPES)
def test_the_schema_refuses_what_has_the_wrong_shape(right: str, wrong: str, line: int, what: str) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(json_schema()))
    assert not validator.is_valid(read_document(GOOD.replace(right, wrong), "f").value)


def test_the_schema_is_valid_and_describes_every_key() -> None:
    schema = json.loads(json_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    for name, section in schema["$defs"].items():
        for key, shape in section.get("properties", {}).items():
            described = "description" in shape or "$ref" in shape or "$ref" in str(shape.get("allOf"))
            assert described, f"{name}.{key} says nothing"


SERVING = """\
port: 0
workers: 2
networks: {allow: [10.0.0.0/8]}
guard: {policy: fallback, fallback: good}
outputs: {caller: {digits: 2}}
validation: {features: {age: {range: clip}}}
"""


def serving(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "serving.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_settings_of_serving_may_be_a_file_of_their_own(tmp_path: Path) -> None:
    settings = read_serving(serving(tmp_path, SERVING))
    assert (settings.port, settings.workers, settings.networks.allow) == (0, 2, ("10.0.0.0/8",))
    assert settings.guard.fallback == "good"
    assert settings.outputs["caller"].digits == 2
    assert settings.validation.features["age"].range == "clip"


def test_the_same_settings_in_a_project_file_are_the_same(tmp_path: Path) -> None:
    section = "".join(f"  {line}\n" for line in SERVING.splitlines())
    assert load_project(f"{GOOD}serving:\n{section}").serving == read_serving(serving(tmp_path, SERVING))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("prot: 1\n", "port"),
        ("port: 70000\n", "port"),
        ("networks: {deny: [10.0.0.1/8]}\n", "is no network"),
        ("traces: {endpoint: 'http://10.0.0.1/'}\n", "the collector is not https"),
        ("guard: {policy: fallback}\n", "a fallback answer belongs to the policy fallback"),
        ("guard: {policy: flag, fallback: good}\n", "a fallback answer belongs to the policy fallback"),
        ("outputs: [caller]\n", "expected a mapping"),
        ("outputs: {caller: {digit: 2}}\n", "digits"),
        ("validation: {features: {age: {range: drop}}}\n", "range"),
        ("- port\n", "expected a section"),
        ("models: [{projekt: .}]\n", ""),
    ],
)
def test_what_is_wrong_in_it_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError) as refused:
        read_serving(serving(tmp_path, f"# how it is served\n{text}"))
    assert "serving.yaml" in str(refused.value)
    assert told in str(refused.value)


def test_a_file_of_settings_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        read_serving(tmp_path / "serving.yaml")
    assert "serving" in told.value.hint  # init writes project files, not this
