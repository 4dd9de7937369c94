"""The settings follow the environment, and are read only when it changes."""

import pytest
from pydantic import ValidationError

from data.settings import Settings, settings


def test_settings_follow_the_environment_while_the_process_runs(monkeypatch):
    monkeypatch.setenv("ESSAIM_PERSON", "ada")
    before = settings()

    monkeypatch.setenv("ESSAIM_PERSON", "bo")

    assert (before.person, settings().person) == ("ada", "bo")


def test_an_environment_that_stands_still_is_read_once():
    assert settings() is settings()


@pytest.mark.parametrize(
    "store",
    ["ducklake:postgres:host=db;data=/srv/lake", "postgres://db/essaim", "s3://bucket/essaim.duckdb", "ducklake:x"],
)
def test_the_address_of_a_server_is_never_taken_for_a_file_s_name(store):
    with pytest.raises(ValidationError, match="store"):
        Settings(store=store)


@pytest.mark.parametrize(
    "store", ["essaim.duckdb", ":memory:", "C:/essaim.duckdb", "ducklake:/srv/c.ducklake;data=/srv/l"]
)
def test_a_file_and_a_local_lake_are_stores(store):
    assert Settings(store=store).store_url == store


@pytest.mark.parametrize("amount", ["lots", "2", "-1GB", "2 apples", "1KB", "0GB", ""])
def test_an_amount_of_memory_without_its_unit_or_too_small_is_refused(amount):
    with pytest.raises(ValidationError, match="memory_limit"):
        Settings(memory_limit=amount)


@pytest.mark.parametrize("amount", ["2GB", "64MB", "1.5 GiB", "512mb"])
def test_an_amount_of_memory_has_a_unit(amount):
    assert Settings(memory_limit=amount).memory_limit == amount
