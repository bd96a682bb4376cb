"""The door of the command line: finds the verb, runs it, turns its answer or its error into output and exit code."""

import difflib
import io
import os
import re
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType

import click

from secmlops import __version__
from secmlops.cli.answer import ExitCode, deliver_error
from secmlops.core.errors import InputError

_NO_VERB = re.compile(r"No such command '(.*)'\.")
SECTIONS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "Begin": {
            "demo": "Run a built-in use case from raw data to a verified prediction.",
            "init": "Start a project: from a template, or from your own table.",
        },
        "Take a project to a release": {
            "run": "Take the project through its stages, up to a signed release.",
            "status": "Show where each subject stands, which gate is shut, and why.",
            "threats": "Show which threats are answered by evidence, and which are not.",
            "report": "Write one self-contained HTML file of all evidence.",
        },
        "Look after the data": {
            "data": "Find and protect personal data.",
            "subject": "Find, export or erase what is held on a person.",
        },
        "Understand the model": {
            "explain": "Say what moves its answers, and what would have changed one.",
        },
        "Serve it": {
            "serve": "Verify a release and serve it behind the gateway.",
            "release": "List the releases, and revoke one.",
            "access": "Say who has access: users, roles, API keys, tokens, certificates.",
        },
        "Check what others hand over": {
            "verify": "Verify a release, a receipt or a file, offline.",
            "assess": "Attack a model, and say what an attacker could do.",
            "scan": "Scan model files without ever loading them.",
            "audit": "Read, verify, prove and export the ledger.",
        },
        "Keys and reference": {
            "keys": "Make, list, rotate and revoke the keys you sign with.",
            "schema": "Print the JSON Schema of secmlops.yaml.",
        },
    }
)
"""The verbs by what someone wants to do, each with one sentence."""

VERBS = tuple(verb for section in SECTIONS.values() for verb in section)


class LazyGroup(click.Group):
    """A group that imports a verb only when it is used, so that ``--help`` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the verbs, in the order in which they are shown."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the verb's command, imported now."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"secmlops.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing them."""
        width = max(map(len, VERBS))
        for title, verbs in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(verb.ljust(width), told) for verb, told in verbs.items()])


EPILOG = """\b
Exit codes:
  0  fine
  1  a gate is shut, a verification failed, or a file is not safe
  2  the input or the configuration is wrong
  3  something of ours broke

Every verb but serve takes --json. secmlops VERB --help tells more of each.
"""


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    subcommand_metavar="VERB [ARGS]...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="secmlops")
def root() -> None:
    """Put security into every stage of the machine-learning lifecycle.

    Each safeguard runs as code, is measured on your own model, and leaves signed evidence that anyone can verify
    offline.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    # read when numpy is loaded, later; matrices are small here, and on a busy machine threads of BLAS wait in vain
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal of another encoding has no check marks
        sys.stdout.reconfigure(errors="backslashreplace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(int(_run(given)))


def _run(given: list[str]) -> ExitCode:
    as_json = "--json" in given
    try:
        code = root.main(given, prog_name="secmlops", standalone_mode=False)
        return ExitCode(code) if isinstance(code, int) else ExitCode.FINE
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help(), err=True)
        return ExitCode.INPUT
    except click.ClickException as error:
        return _usage(error, as_json)
    except (KeyboardInterrupt, click.Abort):
        return deliver_error(KeyboardInterrupt(), as_json)
    except (SystemExit, BrokenPipeError):  # how click ends when the reader of our output went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.NOBODY_READS
    except Exception as error:  # the last door: no traceback reaches a user
        if os.environ.get("SECMLOPS_DEBUG"):
            raise
        return deliver_error(error, as_json)


def _usage(error: click.ClickException, as_json: bool) -> ExitCode:
    context: click.Context | None = getattr(error, "ctx", None)
    hint = f"see {context.command_path} --help" if context else "see secmlops --help"
    return deliver_error(InputError(error.format_message() + _nearest_verb(error, context), hint=hint), as_json)


def _nearest_verb(error: click.ClickException, context: click.Context | None) -> str:
    """What a misspelt verb may have been meant to be, in words."""
    asked = _NO_VERB.fullmatch(error.format_message())
    if asked is None or context is None or not isinstance(context.command, click.Group):
        return ""
    near = difflib.get_close_matches(asked[1], context.command.list_commands(context), n=1)
    return f" Did you mean {near[0]}?" if near else ""
