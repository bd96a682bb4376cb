"""Runs secmlops commands one after the other in one process, so that only the first pays for the imports.

``python quick_secmlops.py serve SOCKET`` waits for commands; ``python quick_secmlops.py ask SOCKET ARGUMENTS`` is one,
with its own working folder, environment, standard streams and exit code. Nothing else is shared.
"""

import gc
import json
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

LARGEST = 1 << 20


def serve(path: str) -> None:
    """Answer commands for ever; to be killed."""
    from secmlops.cli.main import main  # noqa: PLC0415  the asking side must start at once

    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(8)
    gc.freeze()
    os.write(1, b"ready\n")
    own = [os.dup(number) for number in range(3)]
    while True:
        connection, _ = listener.accept()
        message, streams, _, _ = socket.recv_fds(connection, LARGEST, 3)
        asked = json.loads(message)
        _take(streams)
        os.environ.clear()
        os.environ.update(asked["environment"])
        os.chdir(asked["folder"])
        try:
            main(asked["arguments"])
        except SystemExit as end:
            code = int(end.code or 0)
        sys.stdout.flush()
        sys.stderr.flush()
        _take([os.dup(stream) for stream in own])
        os.chdir("/")
        gc.collect()  # the end of a process would close what is still open
        gc.freeze()
        connection.sendall(bytes([code]))
        connection.close()


def _take(streams: Sequence[int]) -> None:
    """Make these the standard streams."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)


def ask(path: str, arguments: Sequence[str]) -> int:
    """Run one command; its exit code."""
    message = json.dumps({"arguments": arguments, "folder": str(Path.cwd()), "environment": dict(os.environ)})
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        socket.send_fds(connection, [message.encode()], [0, 1, 2])
        return connection.recv(1)[0]


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        sys.exit(ask(sys.argv[2], sys.argv[3:]))
