"""The settings follow the environment, and are read only when it changes."""

from data.settings import settings


def test_settings_follow_the_environment_while_the_process_runs(monkeypatch):
    monkeypatch.setenv("ESSAIM_PERSON", "ada")
    before = settings()

    monkeypatch.setenv("ESSAIM_PERSON", "bo")

    assert (before.person, settings().person) == ("ada", "bo")


def test_an_environment_that_stands_still_is_read_once():
    assert settings() is settings()
