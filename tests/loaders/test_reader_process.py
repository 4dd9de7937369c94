"""The reader process and the command's entrance, looked at from inside: what they answer, and what they give up first."""

import io
import json
import runpy
import sys
from types import SimpleNamespace

import openpyxl
import pytest

from loaders import limits, reader

CAPS = {
    "upload_mb": 20, "unpacked_mb": 400, "entries": 10_000, "sheets": 300, "rows": 1_048_576, "columns": 16_384, "cells": 10_000_000,
    "read_seconds": 30, "read_memory_mb": 1_024, "sheet": None,
}  # fmt: skip


def workbook(**sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def answer(monkeypatch):
    """Give a file to the reader and take the line of JSON that it answers with; its limits are noted, not set."""
    given_up = []
    monkeypatch.setattr(reader, "limit_this_process", given_up.append)
    monkeypatch.setattr(reader, "memory", lambda _: None)
    monkeypatch.setattr(reader.gc, "disable", lambda: None)

    def ask(data: bytes, **caps: object) -> dict[str, object]:
        out = io.BytesIO()
        monkeypatch.setattr(sys, "argv", ["reader", json.dumps({**CAPS, **caps})])
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
        monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=out))
        assert reader.main() == 0
        assert given_up[-1]["read_seconds"] == 30
        return json.loads(out.getvalue().split(b"\n", 1)[0])

    return ask


def test_a_workbook_is_answered_with_its_sheets_and_their_sizes(answer):
    found = answer(workbook(Days=[["date", "value"], ["2026-01-01", 1.5]], Notes=[["only words"]]))

    assert found["format"] == "xlsx"
    assert [(sheet["name"], sheet["n_rows"], sheet["n_numbers"]) for sheet in found["sheets"]] == [
        ("Days", 2, 1), ("Notes", 1, 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "caps", "code"),
    [
        (b"PK\x03\x04 torn in the middle", {}, "damaged"),
        (workbook(Days=[["a"]]), {"entries": 1}, "too_many_parts"),
        (workbook(Days=[["a"]]), {"unpacked_mb": 0}, "zip_bomb"),
        (workbook(Days=[["a"]]), {"sheet": "Absent"}, "unknown_sheet"),
    ],
)
def test_a_refusal_is_an_answer_too(answer, data, caps, code):
    assert answer(data, **caps)["code"] == code


@pytest.mark.parametrize(
    ("error", "code"), [(MemoryError(), "reader_memory"), (RuntimeError("capacity overflow"), "reader_memory"),
                        (RuntimeError("a panic of the library"), "damaged")],
)  # fmt: skip
def test_whatever_a_library_does_ends_as_an_answer(answer, monkeypatch, error, code):
    def fail(*_):
        raise error

    monkeypatch.setattr(reader, "read", fail)

    assert answer(b"anything")["code"] == code


def test_memory_time_files_and_output_are_given_up_before_a_file_is_touched(monkeypatch):
    lowered = {}
    system = SimpleNamespace(
        RLIMIT_CPU="cpu", RLIMIT_FSIZE="size", RLIMIT_NOFILE="files", RLIMIT_CORE="core", RLIMIT_AS="memory"
    )
    system.setrlimit = lambda limit, bounds: lowered.update({limit: bounds})
    monkeypatch.setattr(limits, "resource", system)

    limits.limit_this_process(CAPS)

    gibibyte = 1_024 * limits.MEGABYTE
    assert lowered == {
        "cpu": (30, 32), "size": (gibibyte, gibibyte), "files": (32, 32), "core": (0, 0), "memory": (gibibyte, gibibyte),
    }  # fmt: skip


def test_a_lower_limit_in_force_is_left_and_a_system_without_limits_is_served(monkeypatch):
    def refuse(*_):
        raise ValueError("not allowed to exceed maximum limit")

    monkeypatch.setattr(limits, "resource", SimpleNamespace(RLIMIT_AS=1, setrlimit=refuse))
    limits.memory(512)
    monkeypatch.setattr(limits, "resource", None)
    limits.memory(512)
    limits.limit_this_process(CAPS)


@pytest.mark.parametrize(("arguments", "code"), [(["--help"], 0), (["check", "absent.csv"], 2), ([], 2)])
def test_the_command_ends_with_its_code_even_where_an_output_is_closed(monkeypatch, capsys, arguments, code):
    monkeypatch.setattr(sys, "argv", ["loaders", *arguments])
    monkeypatch.setattr(sys, "stderr", None)

    with pytest.raises(SystemExit) as ended:
        runpy.run_module("loaders", run_name="__main__")

    sys.stderr.close()
    assert ended.value.code == code
