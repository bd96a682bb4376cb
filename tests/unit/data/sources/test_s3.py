"""Objects are read of the version that was found, and what the store refuses is told in our words."""

import tempfile

import pytest
from botocore.exceptions import ClientError

from secmlops.core.errors import InputError
from secmlops.data.sources.location import write_new
from secmlops.data.sources.s3 import Bucket, S3Part

DATA = bytes(range(256)) * 40


@pytest.fixture
def part(s3) -> S3Part:
    s3.put_object(Bucket="plain", Key="data/one", Body=DATA)
    return Bucket.of("plain").find("data/one")


def test_an_object_is_read_at_any_place(part: S3Part) -> None:
    with part.open() as stream:
        assert stream.read() == DATA
        assert stream.read() == b""
        assert stream.seek(-10, 2) == len(DATA) - 10
        assert stream.read(4) == DATA[-10:-6]
        stream.seek(100)
        assert (stream.read(3), stream.tell()) == (DATA[100:103], 103)
    assert (part.name, part.size) == ("data/one", len(DATA))
    part.check()


def test_an_object_that_is_replaced_meanwhile_is_refused(part: S3Part, s3) -> None:
    with part.open() as stream:
        s3.put_object(Bucket="plain", Key="data/one", Body=DATA[::-1])
        with pytest.raises(InputError, match="it changed while it was read"):
            stream.read()


def test_an_old_version_is_read_to_its_end(s3) -> None:
    s3.put_object(Bucket="versions", Key="one", Body=DATA)
    part = Bucket.of("versions").find("one")
    s3.put_object(Bucket="versions", Key="one", Body=b"new")
    assert part.version is not None
    with part.open() as stream:
        assert stream.read() == DATA


def test_keys_are_listed_without_what_stands_for_folders(s3) -> None:
    for key in ("list/b", "list/a", "list/", "other"):
        s3.put_object(Bucket="plain", Key=key, Body=b"x")
    assert Bucket.of("plain").keys("list/") == ["list/a", "list/b"]


@pytest.mark.parametrize(("bucket", "key"), [("none-such", "x"), ("plain", "none-such")])
def test_what_is_not_there_is_told(bucket: str, key: str, s3) -> None:
    with pytest.raises(InputError, match="no such bucket or object"):
        Bucket.of(bucket).find(key)


def test_a_bucket_that_is_not_there_cannot_be_listed(s3) -> None:
    with pytest.raises(InputError, match="there is no such bucket"):
        Bucket.of("none-such").keys("x/")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("AccessDenied", "access is denied"),
        ("403", "access is denied"),
        ("ExpiredToken", "too old"),
        ("Strange", r"refused it \(Strange\)"),
    ],
)
def test_what_the_store_refuses_is_told(code: str, told: str) -> None:
    class Refusing:
        def head_object(self, **_: str) -> None:
            raise ClientError({"Error": {"Code": code, "Message": "quotes the request"}}, "HeadObject")

    with pytest.raises(InputError, match=told) as refused:
        Bucket("b", Refusing()).find("k")
    assert "quotes" not in str(refused.value)


def test_a_store_out_of_reach_and_missing_credentials_are_told(s3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(InputError, match="there are no credentials"):
        Bucket.of("plain").find("x")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "nonsense")
    with pytest.raises(InputError, match=r"cannot be reached \(ValueError\)"):
        Bucket.of("plain")


def test_an_object_is_written_where_there_is_none_and_never_over_another(s3) -> None:
    write_new("s3://plain/out/new.parquet", DATA)
    with pytest.raises(InputError, match="there is such an object already"):
        write_new("s3://plain/out/new.parquet", b"other")
    assert s3.get_object(Bucket="plain", Key="out/new.parquet")["Body"].read() == DATA


def test_an_object_is_written_from_a_file_that_memory_need_not_hold(s3) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(DATA)
        file.seek(0)
        write_new("s3://plain/out/file.parquet", file)
    assert s3.get_object(Bucket="plain", Key="out/file.parquet")["Body"].read() == DATA


@pytest.mark.parametrize("url", ["s3://plain/out/", "postgresql://h/d?table=t", "s3://plain"])
def test_only_an_object_is_written(url: str) -> None:
    with pytest.raises(InputError, match="no URL of an object"):
        write_new(url, DATA)
