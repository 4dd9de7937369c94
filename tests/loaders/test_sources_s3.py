"""Files in S3, against moto's server: by one address or a pattern, each version taken once."""

from __future__ import annotations

import json

import boto3
import pytest
from moto.server import ThreadedMotoServer

from data.types import RunOutcome
from loaders.sources.words import run_words
from tests.loaders.linked import here, keeper, link, run, store, values, weekly

__all__ = ["here", "keeper", "link", "store"]
KEYS = {"access_key": "env:S3_KEY", "secret_key": "env:S3_SECRET"}


@pytest.fixture(scope="module")
def endpoint():
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint, store, monkeypatch):
    """A bucket of its own, with the keys in the environment; `bucket(name, data)` puts a file into it."""
    monkeypatch.setenv("ESSAIM_SOURCE_S3_ENDPOINT", endpoint)
    monkeypatch.setenv("S3_KEY", "AKIACANARY")
    monkeypatch.setenv("S3_SECRET", "s3-secret-canary")
    allowed = ["s3://exports"]
    monkeypatch.setenv("ESSAIM_SOURCE_SECRETS", json.dumps({"S3_KEY": allowed, "S3_SECRET": allowed}))
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y"
    )
    client.create_bucket(Bucket="exports")
    yield lambda name, data, access="private": client.put_object(Bucket="exports", Key=name, Body=data, ACL=access)
    for held in client.list_objects_v2(Bucket="exports").get("Contents", []):
        client.delete_object(Bucket="exports", Key=held["Key"])
    client.delete_bucket(Bucket="exports")
    client.close()


@pytest.mark.accepts("1.21")
@pytest.mark.usefixtures("here")
def test_the_files_of_a_pattern_load_themselves_and_each_version_once(store, link, bucket):
    source = link("s3", "s3://exports/lyon/*.csv", **KEYS)
    bucket("lyon/a.csv", weekly("4,5", "5,5"))
    bucket("lyon/notes.txt", b"not this one")
    bucket("metz/a.csv", weekly("9", site="Metz"))

    first, second = run(store, source), run(store, source)
    bucket("lyon/a.csv", weekly("4,5", "5,5", "6,5"))
    third = run(store, source)

    assert [(one.outcome, one.n_files) for one in (first, second, third)] == [
        (RunOutcome.LOADED, 1), (RunOutcome.UNCHANGED, 0), (RunOutcome.LOADED, 1)
    ]  # fmt: skip
    assert values(store) == [4.5, 5.5, 6.5]


def test_one_file_by_its_address(store, link, bucket):
    bucket("delais.csv", weekly("4,5"))

    assert run(store, link("s3", "s3://exports/delais.csv", **KEYS)).outcome is RunOutcome.LOADED
    assert values(store) == [4.5]


@pytest.mark.parametrize("address", ["s3://exports/none.csv", "s3://nowhere/x.csv", "s3://nowhere/*.csv"])
@pytest.mark.usefixtures("here")
def test_what_is_not_there_is_a_fault(store, link, bucket, monkeypatch, address):
    hosts = ["s3://exports", "s3://nowhere"]
    monkeypatch.setenv("ESSAIM_SOURCE_SECRETS", json.dumps({"S3_KEY": hosts, "S3_SECRET": hosts}))

    done = run(store, link("s3", address, **KEYS))

    assert (done.outcome, done.code) == (RunOutcome.FAULT, "s3_missing")
    assert run_words(done, "en") == "The bucket or the file is not there. Check the address."


@pytest.mark.usefixtures("here")
def test_a_pattern_that_nothing_matches_is_nothing_new(store, link, bucket):
    assert run(store, link("s3", "s3://exports/*.xlsx", **KEYS)).outcome is RunOutcome.UNCHANGED


@pytest.mark.usefixtures("here")
def test_a_file_beyond_the_cap_is_named_and_the_others_are_taken(store, link, bucket, monkeypatch):
    monkeypatch.setattr("loaders.sources.fetching.MEGABYTE", 100)
    bucket("a.csv", weekly("4,5") + b"\n" * 3000)
    bucket("b.csv", weekly("4,5"))

    done = run(store, link("s3", "s3://exports/*.csv", **KEYS))

    assert values(store) == [4.5]
    assert run_words(done, "en").startswith("a.csv: It weighs ")


@pytest.mark.usefixtures("here")
def test_an_endpoint_that_is_down_is_tried_again_and_named_without_a_secret(store, link, bucket, monkeypatch):
    monkeypatch.setenv("ESSAIM_SOURCE_S3_ENDPOINT", "http://127.0.0.1:9")

    done = run(store, link("s3", "s3://exports/a.csv", **KEYS))

    assert (done.outcome, done.code) == (RunOutcome.FAULT, "s3_failed")
    assert done.again_at is not None
    assert "canary" not in str(done).casefold()


def test_without_keys_a_bucket_that_is_open_is_read(store, link, bucket):
    bucket("delais.csv", weekly("4,5"), "public-read")
    bucket("closed.csv", weekly("4,5"))

    assert run(store, link("s3", "s3://exports/closed.csv", name="Closed")).code == "s3_denied"
    assert run(store, link("s3", "s3://exports/delais.csv")).outcome is RunOutcome.LOADED
