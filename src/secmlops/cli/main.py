"""The door of the command line: finds the verb, runs it, turns its answer or its error into output and exit code."""

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType

import click

from secmlops import __version__
from secmlops.cli.answer import ExitCode, deliver_error
from secmlops.core.errors import InputError

VERBS: Mapping[str, str] = MappingProxyType(
    {
        "init": "Start a project: from a template, or from your own table.",
        "run": "Take the project through its stages, up to a signed release.",
        "status": "Show where each subject stands, which gate is shut, and why.",
        "report": "Write one self-contained HTML file of all evidence.",
        "serve": "Verify a release and serve it behind the gateway.",
        "verify": "Verify a release, a receipt or a file, offline.",
        "scan": "Scan model files without ever loading them.",
        "threats": "Show which threats are answered by evidence, and which are not.",
        "audit": "Read, verify, prove and export the ledger.",
        "keys": "Make, list and rotate keys.",
        "access": "Make, list and withdraw the gateway's API keys.",
        "schema": "Print the JSON Schema of secmlops.yaml.",
        "demo": "Run a built-in use case from raw data to a verified prediction.",
    }
)


class LazyGroup(click.Group):
    """A group that imports a verb only when it is used, so that ``--help`` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the verbs, in the order of a project's life."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the verb's command, imported now."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"secmlops.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="secmlops")
def root() -> None:
    """Put security into every stage of the machine-learning lifecycle.

    Each safeguard runs as code, is measured on your own model, and leaves signed evidence that anyone can verify
    offline. Exit codes: 0 fine; 1 a gate is shut or a verification failed; 2 the input or the configuration is wrong;
    3 something of ours broke.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
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
    context = getattr(error, "ctx", None)
    hint = f"see {context.command_path} --help" if context else "see secmlops --help"
    return deliver_error(InputError(error.format_message(), hint=hint), as_json)
