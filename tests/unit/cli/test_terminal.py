"""What others wrote into a table does not steer the terminal it is shown on, and a pipe gets it as it is."""

import io
import sys

import pyarrow as pa

from secmlops.cli.terminal import Terminal, standard_output
from secmlops.data.columns.export import write_csv

STEERING = "\x1b[2Jgone\u202e"


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_not_steered_by_a_cell():
    screen = Tty()
    write_csv([pa.table({"größe": [STEERING]})], Terminal(screen))
    assert screen.getvalue() == '"größe"\n"[U+001B][2Jgone[U+202E]"\n'


def test_a_character_that_comes_in_two_pieces_is_one():
    screen = Tty()
    terminal = Terminal(screen)
    for byte in "größe".encode():
        terminal.write(bytes([byte]))
    assert screen.getvalue() == "größe"
    assert terminal.writable()


def test_a_pipe_gets_the_bytes_as_they_are(monkeypatch, capfdbinary):
    write_csv([pa.table({"x": [STEERING]})], standard_output())
    sys.stdout.flush()
    assert STEERING.encode() in capfdbinary.readouterr().out
    monkeypatch.setattr(sys, "stdout", Tty())
    assert isinstance(standard_output(), Terminal)
