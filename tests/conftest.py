"""Every test works in folders of its own: none reads or writes a person's real store."""

import pytest


@pytest.fixture(autouse=True)
def own_folder(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("ESSAIM_FOLDER", str(tmp_path_factory.mktemp("essaim")))
    monkeypatch.setenv("LANG", "C.UTF-8")
    for name in ("ESSAIM_STORE", "ESSAIM_PERSON", "ESSAIM_TODAY", "ESSAIM_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
