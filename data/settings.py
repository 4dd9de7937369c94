"""What a deployment may choose: every ESSAIM_* variable, with its default."""

from __future__ import annotations

import datetime as dt
import os
import re
from functools import lru_cache
from pathlib import Path

import platformdirs
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from data.engine import address

AMOUNT = re.compile(r"(?P<amount>[0-9]+(\.[0-9]+)?)\s*(?P<scale>[KMGT])i?B", re.IGNORECASE)
SCALES = {"K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
LEAST_MEMORY = 64e6  # below, DuckDB cannot open an empty store


def _user_folder() -> Path:
    return platformdirs.user_data_path("essaim", appauthor=False)


class Settings(BaseSettings):
    """The deployment's choices, read from the environment.

    store: a file, or "ducklake:<catalogue file>;data=<folder>" for a store that several processes share.
    folder: where the default store, its staging area and its backups stand.
    person: who the command line acts for. today: the date to work by instead of the clock's.
    source_folders: below which folders a source may stand. source_private_hosts: hosts on private addresses that
        sources may ask. source_secrets: which variables sources may name, each with the hosts it may be sent to.
    """

    model_config = SettingsConfigDict(env_prefix="ESSAIM_", extra="ignore", frozen=True)

    store: str | None = None
    folder: Path = Field(default_factory=_user_folder)
    person: str | None = None
    today: dt.date | None = None
    memory_limit: str = "2GB"
    port: int = 8501
    public_address: str | None = None
    production: bool = False
    allowed_hosts: tuple[str, ...] = ()
    cookie_secret: SecretStr | None = None
    oidc_metadata_url: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    source_folders: tuple[Path, ...] = ()
    source_private_hosts: tuple[str, ...] = ()
    source_secrets: dict[str, tuple[str, ...]] = {}
    source_s3_endpoint: str | None = None

    @field_validator("store")
    @classmethod
    def _a_store(cls, chosen: str | None) -> str | None:
        if chosen:
            address(chosen)
        return chosen

    @field_validator("memory_limit")
    @classmethod
    def _an_amount(cls, chosen: str) -> str:
        found = AMOUNT.fullmatch(chosen)
        if found is None or float(found["amount"]) * SCALES[found["scale"].upper()] < LEAST_MEMORY:
            raise ValueError("an amount of memory with its unit, at least 64MB")
        return chosen

    @property
    def store_url(self) -> str:
        """Where the record stands: the chosen store, or a file in the folder."""
        return self.store or str(self.folder / "essaim.duckdb")


def settings() -> Settings:
    """Read the settings of the environment as it is now."""
    return _settings_of(tuple(os.environ.items()))


# Reading them takes 8 ms, twice or thrice a page; the environment seldom changes.
@lru_cache(maxsize=4)
def _settings_of(environment: tuple[tuple[str, str], ...]) -> Settings:  # noqa: ARG001 the key, read by pydantic itself
    return Settings()
