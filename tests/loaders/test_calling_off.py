"""A person who calls a long load off is left with nothing of it: no process, no row."""

from __future__ import annotations

import threading
import time

import pytest

from data.progress import Cancelled, Stage, Watch, watched
from loaders import limited
from loaders.caps import Caps
from loaders.files import read_book
from loaders.ingest import understand


def test_the_reader_process_is_killed_at_once(monkeypatch):
    started = []
    popen = limited.subprocess.Popen

    def sleeping(_, **how):  # a workbook that keeps its reader busy
        started.append(popen(["/bin/sleep", "60"], **how))
        return started[-1]

    monkeypatch.setattr(limited.subprocess, "Popen", sleeping)
    watch = Watch()
    threading.Timer(0.3, watch.cancel).start()
    begun = time.monotonic()

    with watched(watch), pytest.raises(Cancelled):
        limited.read_workbook(b"PK\x03\x04", Caps(), None)

    assert time.monotonic() - begun < 5
    assert started[0].returncode == -9


def test_what_was_called_off_before_it_began_does_not_begin():
    watch = Watch()
    watch.cancel()

    with watched(watch), pytest.raises(Cancelled):
        understand(b"semaine;site;n\n2026-01-05;Lyon;4\n", "n.csv")


def test_the_stages_of_understanding_are_named():
    watch = Watch()

    with watched(watch):
        understand(b"semaine;site;n\n2026-01-05;Lyon;4\n2026-01-12;Lyon;5\n", "n.csv")

    assert watch.stage is Stage.UNDERSTANDING


def test_a_small_file_is_read_as_ever_while_watched():
    with watched(Watch()):
        assert read_book(b"a;b\n1;2\n", "n.csv").grid.n_rows == 2
