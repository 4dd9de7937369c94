"""What a deployment may choose: every ESSAIM_* variable, with its default."""

from __future__ import annotations

import datetime as dt
import os
from functools import lru_cache
from pathlib import Path

import platformdirs
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _user_folder() -> Path:
    return platformdirs.user_data_path("essaim", appauthor=False)


class Settings(BaseSettings):
    """The deployment's choices, read from the environment.

    store: a file, or "ducklake:<catalogue file>;data=<folder>" for a store that several processes share.
    folder: where the default store, its staging area and its backups stand.
    person: who the command line acts for. today: the date to work by instead of the clock's.
    """

    model_config = SettingsConfigDict(env_prefix="ESSAIM_", extra="ignore", frozen=True)

    store: str | None = None
    folder: Path = Field(default_factory=_user_folder)
    person: str | None = None
    today: dt.date | None = None
    memory_limit: str = "2GB"
    max_upload_mb: int = 20
    address: str = "127.0.0.1"
    port: int = 8501
    public_address: str | None = None
    production: bool = False
    allowed_hosts: tuple[str, ...] = ()
    cookie_secret: SecretStr | None = None
    oidc_metadata_url: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None

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
