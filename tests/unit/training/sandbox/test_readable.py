"""What the child may read: code, never a home folder or a configuration."""

import sysconfig
from pathlib import Path

import secmlops
from secmlops.training.sandbox.readable import readable_paths


def readable(path: str | Path) -> bool:
    return any(Path(path).resolve().is_relative_to(folder) for folder in readable_paths())


def test_the_interpreters_library_packages_and_this_one_are_readable() -> None:
    assert readable(sysconfig.get_path("stdlib") + "/json/__init__.py")
    assert readable(sysconfig.get_path("purelib") + "/numpy")
    assert readable(secmlops.__path__[0] + "/core")


def test_private_places_are_not() -> None:
    for path in (Path.home() / ".ssh", "/etc/passwd", "/etc/ssl", "/proc/1/environ", "/tmp", "/var/lib", "/"):
        assert not readable(path), path
