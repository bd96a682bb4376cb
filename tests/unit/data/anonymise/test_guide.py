"""The program of the guide runs as it stands there."""

import re
import runpy
from pathlib import Path

PROGRAM = re.compile(r'^```python title="anonymise.py"\n(.*?)^```$', re.DOTALL | re.MULTILINE)
GUIDE = Path(__file__).resolve().parents[4] / "docs" / "how-to" / "anonymise.md"


def test_the_program_of_the_guide_runs(tmp_path: Path) -> None:
    (program,) = PROGRAM.findall(GUIDE.read_text("utf-8"))
    file = tmp_path / "anonymise.py"
    file.write_text(program, "utf-8")
    made = runpy.run_path(str(file))["made"]
    assert made.guarantees.k >= 10
    assert made.guarantees.worst["t disease"] <= 0.3
    assert made.loss.suppressed <= 0.02
