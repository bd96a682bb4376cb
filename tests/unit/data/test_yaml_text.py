import pytest
import yaml

from secmlops.data.yaml_text import yaml_text


@pytest.mark.parametrize(
    "text", ["a", "a_b c-d", "yes", "Null", "1", "1e3", "", " a", "a: b", "ä", "\u2028", "a\tb", "0x1", "~"]
)
def test_any_text_comes_back_as_itself(text: str) -> None:
    assert yaml.safe_load(f"{yaml_text(text)}: x") == {text: "x"}
