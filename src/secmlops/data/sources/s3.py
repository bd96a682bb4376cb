"""Objects of S3 and of stores that speak its protocol: read at any place, always of the version that was found."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from secmlops.core.errors import InputError
from secmlops.data.sources.folder import MAX_PARTS
from secmlops.data.sources.part import CHANGED
from secmlops.data.sources.random_access import RandomAccess

READ_AHEAD: Final = 4 * 2**20
"""Bytes that are asked for at once, at least."""

_SETTINGS: Final = Config(
    connect_timeout=10, read_timeout=60, retries={"mode": "standard", "max_attempts": 4}, user_agent_extra="secmlops"
)
_CREDENTIALS: Final = "credentials come from where the AWS command line finds them: variables, profiles, roles"
_TOLD: Final = {
    "NoSuchBucket": ("there is no such bucket", "see its name, its region, and AWS_ENDPOINT_URL_S3"),
    "NoSuchKey": ("there is no such object", "see the key; a prefix of several Parquet files ends with a slash"),
    "NoSuchVersion": ("the version that was found is gone", CHANGED),
    "404": ("there is no such bucket or object", "see bucket, key and region"),
    "403": ("access is denied", _CREDENTIALS),
    "AccessDenied": ("access is denied", _CREDENTIALS),
    "InvalidAccessKeyId": ("the access key is unknown", _CREDENTIALS),
    "SignatureDoesNotMatch": ("the secret key does not fit", _CREDENTIALS),
    "ExpiredToken": ("the credentials are too old", "log in again"),
}

_CONDITIONS: Final = ("PreconditionFailed", "412", "ConditionalRequestConflict")

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, and the client that reaches it. The client takes credentials, region and endpoint as AWS tools do."""

    name: str
    client: Any = field(repr=False)

    @classmethod
    def of(cls, name: str) -> "Bucket":
        """Reach the bucket called ``name``; raises InputError for settings that no client can be made of."""
        return cls(name, _asked(f"s3://{name}", lambda: boto3.session.Session().client("s3", config=_SETTINGS)))

    def find(self, key: str) -> "S3Part":
        """Return the object at ``key`` as it is now."""
        where = f"s3://{self.name}/{key}"
        found = _asked(where, lambda: self.client.head_object(Bucket=self.name, Key=key))
        return S3Part(self, key, int(found["ContentLength"]), str(found["ETag"]), found.get("VersionId"))

    def create(self, key: str, data: bytes | BinaryIO) -> None:
        """Store an object of at most 5 GiB where there is none; raises InputError, and changes nothing, where there is.

        The store decides that itself (If-None-Match, RFC 9110 section 13.1.2): of two writers one is refused.
        """
        where = f"s3://{self.name}/{key}"
        try:
            _asked(where, lambda: self.client.put_object(Bucket=self.name, Key=key, Body=data, IfNoneMatch="*"))
        except _ConditionError:
            raise InputError("there is such an object already", where=where, hint="name a new one") from None

    def keys(self, prefix: str) -> list[str]:
        """Keys that begin with ``prefix``, sorted, at most 10,001; objects that stand for folders are none."""
        where, found = f"s3://{self.name}/{prefix}", list[str]()
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
        following = iter(pages)
        while len(found) <= MAX_PARTS:
            page = _asked(where, lambda: next(following, None))
            if page is None:
                break
            found.extend(str(one["Key"]) for one in page.get("Contents", ()) if not str(one["Key"]).endswith("/"))
        return sorted(found)


@dataclass(frozen=True, slots=True)
class S3Part:
    """One version of an object: ``etag`` and, in a bucket that keeps versions, ``version`` name it in every request."""

    bucket: Bucket
    key: str
    size: int
    etag: str
    version: str | None

    @property
    def name(self) -> str:
        """The key."""
        return self.key

    def open(self) -> BinaryIO:
        """Return a seekable stream of its bytes, which raises InputError once the object is another."""
        return io.BufferedReader(_Ranges(self), READ_AHEAD)

    def check(self) -> None:
        """Nothing to do: every request was for this version alone, and would have failed."""

    def read(self, start: int, end: int) -> bytes:
        """Bytes from ``start`` to before ``end``; raises InputError if the object is no longer the one that was found.

        The store compares the tag itself (If-Match, RFC 9110 section 13.1.1).
        """
        version = {} if self.version is None else {"VersionId": self.version}
        asked = {"Bucket": self.bucket.name, "Key": self.key, "IfMatch": self.etag, **version}

        def get() -> bytes:
            answer = self.bucket.client.get_object(**asked, Range=f"bytes={start}-{end - 1}")
            return bytes(answer["Body"].read())

        where = f"s3://{self.bucket.name}/{self.key}"
        try:
            return _asked(where, get) if start < end else b""
        except _ConditionError:
            raise InputError("it changed while it was read", where=where, hint=CHANGED) from None


class _Ranges(RandomAccess):
    """An object as a raw stream: each read is a request for a range."""

    def __init__(self, part: S3Part) -> None:
        super().__init__(part.size)
        self._part = part

    def read_at(self, start: int, end: int) -> bytes:
        return self._part.read(start, end)


class _ConditionError(Exception):
    """The condition of a request did not hold; the store did nothing."""


def _asked(where: str, ask: Callable[[], Answer]) -> Answer:
    """Return the answer of the store; raises InputError in words of ours, as those of the store may tell more."""
    try:
        return ask()
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _CONDITIONS:
            raise _ConditionError from None
        told, hint = _TOLD.get(code, (f"the store refused it ({code:.40})", "see its settings"))
        raise InputError(told, where=where, hint=hint) from None
    except NoCredentialsError:
        raise InputError("there are no credentials", where=where, hint=_CREDENTIALS) from None
    except (BotoCoreError, ValueError) as error:
        told = f"the store cannot be reached ({type(error).__name__})"
        raise InputError(told, where=where, hint="see network, region and AWS_ENDPOINT_URL_S3") from None
