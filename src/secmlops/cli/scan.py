"""``secmlops scan``: what would run if someone loaded these files. Nothing is ever loaded."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from secmlops.cli.answer import Answer, ExitCode
from secmlops.cli.screen import table
from secmlops.cli.verb import answering
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.release.scan import FileReport, Verdict, scan_and_digest, scan_file
from secmlops.release.scan.sarif import to_sarif

_LOOKS = {
    Verdict.SAFE: ("✓ safe", "green"),
    Verdict.CANNOT_TELL: ("? cannot tell", "bold yellow"),
    Verdict.DANGEROUS: ("✗ DANGEROUS", "bold red"),
}


EPILOG = """\b
For example:
  secmlops scan model.pkl weights.safetensors
  secmlops scan --sarif models/* > scan.sarif
"""


@click.command("scan", epilog=EPILOG)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--sarif", is_flag=True, help="Print a SARIF 2.1.0 log instead.")
@answering
def command(files: Sequence[Path], sarif: bool) -> Answer:
    """Scan model FILES: pickles, joblib, PyTorch, NumPy, ONNX, safetensors, HDF5, Keras, and archives of these.

    Of a folder every file in it and below it is scanned; links to folders are not followed. Ends with 0 when every file
    is safe, with 1 when one is dangerous or cannot be told.
    """
    chosen = list(_files(files))
    if sarif or click.get_current_context().params["as_json"]:
        return _for_machines(chosen, sarif)
    reports = [replace(scan_file(path), name=name) for path, name in chosen]
    return Answer({}, lambda screen: _show(screen, reports), _code(reports))


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Files to be scanned, each with the name to tell it by: its path where it lies in a folder that was named.

    Raises InputError for a folder without files, or one that cannot be read.
    """
    for path in paths:
        if not path.is_dir():
            yield path, path.name
            continue
        found = sorted(Path(folder) / name for folder, _, names in os.walk(path, onerror=_refuse) for name in names)
        plain = [file for file in found if file.is_file()]
        if not plain:
            raise InputError("a folder without a file to scan", where=str(path))
        yield from ((file, str(file)) for file in plain)


def _refuse(error: OSError) -> None:
    raise InputError(f"cannot be read: {error.strerror}", where=str(error.filename))


def _for_machines(files: Sequence[tuple[Path, str]], sarif: bool) -> Answer:
    """Return the answer with the digest of each file, which a person's table does not show and need not wait for."""
    scanned = [
        (replace(report, name=name), digest) for path, name in files for report, digest in [scan_and_digest(path)]
    ]
    reports, digests = [report for report, _ in scanned], [digest for _, digest in scanned]
    data = to_sarif(reports, digests=digests) if sarif else {"files": [_data(*one) for one in scanned]}
    return Answer(data, lambda screen: screen.print_json(data=data), _code(reports))


def _code(reports: Sequence[FileReport]) -> ExitCode:
    return ExitCode.FINE if all(report.verdict is Verdict.SAFE for report in reports) else ExitCode.SHUT


def _data(report: FileReport, digest: Digest) -> Json:
    findings: list[Json] = [
        {"rule": f.rule, "severity": str(f.severity), "message": f.message, "where": str(place)}
        for f, place in zip(report.findings, report.places, strict=True)
    ]
    return {
        "name": report.name,
        "digest": str(digest),
        "format": report.format,
        "verdict": str(report.verdict),
        "findings": findings,
    }


def _show(screen: Console, reports: Sequence[FileReport]) -> None:
    rows = table("file", "format", "verdict", "what and where")
    for report in reports:
        found = [f"{f.message} [{place}]" for f, place in zip(report.findings, report.places, strict=True)]
        rows.add_row(report.name, report.format, Text(*_LOOKS[report.verdict]), "\n".join(found[:8]))
    screen.print(rows)
