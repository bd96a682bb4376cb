"""What a URL of a source may be: told without reaching it, and without quoting one that cannot be used."""

from typing import Final
from urllib.parse import urlsplit

from secmlops.core.errors import InputError
from secmlops.data.sources.postgresql_url import SCHEMES as DATABASES
from secmlops.data.sources.postgresql_url import PostgresqlUrl

S3: Final = "s3"
_KNOWN: Final = "s3://BUCKET/KEY, s3://BUCKET/PREFIX/ or postgresql://HOST/DATABASE?table=NAME"


def is_url(location: str) -> bool:
    """Whether a location is a URL, not a path."""
    return "://" in location


def is_database(location: str) -> bool:
    """Whether a location is a URL of a database."""
    return is_url(location) and _scheme(location) in DATABASES


def check_url(url: str, query: str | None = None) -> None:
    """Raise InputError for a URL that names no source, or holds a password; ``query`` is for a database alone."""
    if _scheme(url) in DATABASES:
        PostgresqlUrl.parse(url, query)
    elif _scheme(url) != S3:
        raise InputError("no URL of a source", where=f"{_scheme(url)}://", hint=f"write {_KNOWN}")
    else:
        bucket_and_key(url)


def check_object(url: str) -> None:
    """Raise InputError for a URL of anything but one object, which is all that can be written to."""
    if _scheme(url) != S3 or url.endswith("/"):
        raise InputError("no URL of an object", where=f"{_scheme(url)}://", hint="write s3://BUCKET/KEY")
    bucket_and_key(url)


def bucket_and_key(url: str) -> tuple[str, str]:
    """Bucket and key of an S3 URL; raises InputError when one is missing, or something else is in it."""
    parts = urlsplit(url)
    key = parts.path.removeprefix("/")
    if not parts.netloc or "@" in parts.netloc or not key or parts.query or parts.fragment:
        raise InputError("no URL of an object", where="s3://", hint="write s3://BUCKET/KEY, or s3://BUCKET/PREFIX/")
    return parts.netloc, key


def _scheme(url: str) -> str:
    return url.partition("://")[0].lower()
