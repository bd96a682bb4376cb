"""What names a table or a query of PostgreSQL: a URL without any secret in it, and the text of a query besides."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError

SCHEMES: Final = ("postgresql", "postgres")
_OURS: Final = ("table", "dsn_env")
_THEIRS: Final = (
    "application_name", "channel_binding", "connect_timeout", "gssencmode", "host", "port", "sslmode", "sslrootcert",
    "target_session_attrs",
)  # fmt: skip
_TABLE: Final = re.compile(r'([A-Za-z_]\w*|"[^"\0]+")(\.([A-Za-z_]\w*|"[^"\0]+"))?')
_VARIABLE: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_HOW_ELSE: Final = "leave it out: PGPASSWORD, a .pgpass file, or the variable that dsn_env names brings it"


@dataclass(frozen=True, slots=True)
class PostgresqlUrl:
    """``postgresql://[USER@]HOST[:PORT]/DATABASE?table=NAME``; what is left out libpq takes from its own variables.

    ``variable`` names an environment variable with a whole connection string instead (``?dsn_env=NAME``). ``select`` is
    the query, or all of the table. ``name`` is what may be told: it holds neither user nor query.
    """

    address: str
    variable: str | None
    select: str
    name: str

    @classmethod
    def parse(cls, url: str, query: str | None = None) -> "PostgresqlUrl":
        """Read the URL; raises InputError, without quoting it, for a password in it and what is not understood."""
        parts = urlsplit(url)
        parameters = dict(parse_qsl(parts.query, keep_blank_values=True))
        _check(parts.password, parameters)
        table, variable = parameters.pop("table", None), parameters.pop("dsn_env", None)
        host = parts.hostname or parameters.get("host", "")
        where = f"${variable}" if variable else f"{_host(host)}{f':{parts.port}' if parts.port else ''}{parts.path}"
        if (table is None) == (query is None):
            hint = "write ?table=NAME at the end of the URL, or data.query"
            raise InputError("exactly one of table and query says what is read", where="postgresql", hint=hint)
        if table is not None and not _TABLE.fullmatch(table):
            raise InputError("the name of the table is none", where="postgresql", hint="write table or schema.table")
        told = f"table {table}" if table else f"query {Digest.of((query or '').encode()).short}"
        address = parts._replace(query=urlencode(parameters, quote_via=quote)).geturl()
        select = f"TABLE {table}" if table else str(query)
        return cls(address, variable, select, f"postgresql {where} {told}")

    def connection(self, environment: Mapping[str, str] = os.environ) -> str:
        """Connection string for libpq, with the secrets that the environment holds; raises InputError without them."""
        if self.variable is None:
            return self.address
        if self.variable not in environment:
            hint = "set it to a connection string, postgresql://USER:PASSWORD@HOST/DATABASE"
            raise InputError(f"the variable {self.variable} is not set", where=self.name, hint=hint)
        return environment[self.variable]


def _check(password: str | None, parameters: Mapping[str, str]) -> None:
    if password or "password" in parameters or "sslpassword" in parameters:
        raise InputError("a password in the URL of a source", where="postgresql", hint=_HOW_ELSE)
    known = (*_OURS, *_THEIRS)
    unknown = sorted(name for name in parameters if name not in known)
    if unknown:
        told = f"unknown in the URL of a source: {', '.join(map(repr, unknown))}"
        raise InputError(told, where="postgresql", hint=f"known: {', '.join(known)}")
    if not _VARIABLE.fullmatch(parameters.get("dsn_env", "V")):
        raise InputError("dsn_env names no variable", where="postgresql", hint="write the name of the variable alone")


def _host(host: str) -> str:
    """Name of the host as it may be told: the path of a socket is none."""
    return "localhost" if not host or host.startswith("/") else host
