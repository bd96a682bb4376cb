"""Private environments of the peers, ``benchmarks/.env-NAME``: made on the first run, and told by their versions."""

import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
INSTALL_SECONDS = 900


class NotInstalledError(Exception):
    """A peer cannot be installed here; the words say why."""


@dataclass(frozen=True)
class Environment:
    """Packages in an environment of their own; without packages it is the one that runs the benchmark."""

    name: str
    packages: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    def python(self) -> Path:
        """Interpreter, with everything installed; raises NotInstalledError."""
        if not self.packages:
            return Path(sys.executable)
        folder = ROOT / f".env-{self.name}"
        python, ready = folder / "bin" / "python", folder / "ready"
        if not ready.exists():
            print(f"installing {' '.join(self.packages)} into {folder.name}", flush=True)
            venv.create(folder, with_pip=True, clear=True)
            (folder / ".gitignore").write_text("*\n")
            self._install(python)
            ready.touch()
        return python

    def _install(self, python: Path) -> None:
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *self.packages]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise NotInstalledError(f"installing took over {INSTALL_SECONDS} s") from None
        if done.returncode:
            errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            raise NotInstalledError((errors or [done.stderr.strip()[-200:]])[0])

    def versions(self) -> str:
        """Interpreter and what is compared, with their versions."""
        program = (
            "import platform, sys; from importlib.metadata import version as v;"
            "print('Python', platform.python_version(), *(f'{p} {v(p)}' for p in sys.argv[1:]), sep=', ')"
        )
        done = subprocess.run([self.python(), "-c", program, *self.told], capture_output=True, text=True, check=True)
        return done.stdout.strip().replace("Python, ", "Python ")


OWN = Environment("own", told=("uvicorn", "uvloop", "httptools", "onnxruntime", "scikit-learn"))
STARLETTE = Environment(
    "starlette",
    ("starlette", "uvicorn", "uvloop", "httptools", "msgspec", "numpy", "onnxruntime"),
    ("starlette", "uvicorn", "onnxruntime"),
)
FASTAPI = Environment(
    "fastapi",
    ("fastapi", "uvicorn", "uvloop", "httptools", "scikit-learn"),
    ("fastapi", "pydantic", "uvicorn", "scikit-learn"),
)
MLFLOW = Environment("mlflow", ("mlflow==3.17.2",), ("mlflow", "scikit-learn"))
BENTOML = Environment("bentoml", ("bentoml==1.4.39", "scikit-learn"), ("bentoml", "scikit-learn"))
MLSERVER = Environment(
    "mlserver",
    ("mlserver==1.7.1", "mlserver-sklearn==1.7.1", "uvloop<0.22"),
    ("mlserver", "mlserver-sklearn", "scikit-learn"),
)
LITSERVE = Environment("litserve", ("litserve==0.2.19", "scikit-learn"), ("litserve", "scikit-learn"))
ALL = (OWN, STARLETTE, FASTAPI, MLFLOW, BENTOML, MLSERVER, LITSERVE)
