"""The reference cases kept here pass, and the runner says what it met."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.oracles.__main__ import main

CASES = Path(__file__).parent / "cases"


def write_case(folder: Path, expected: dict, data: str | None = None, **others) -> Path:
    folder.mkdir(parents=True)
    said = {"name": folder.name, "area": "spc", "tolerance": 1e-6, "expected": expected, **others}
    (folder / "expected.json").write_text(json.dumps(said), "utf-8")
    if data is not None:
        (folder / "data.csv").write_text(data, "utf-8")
    return folder


@pytest.fixture
def viscosity() -> dict:
    return json.loads((CASES / "xmr_viscosity" / "expected.json").read_text("utf-8"))


@pytest.mark.accepts("2.1", "2.3", "5.5")
@pytest.mark.parametrize("folder", sorted(CASES.iterdir()), ids=lambda folder: folder.name)
def test_the_reference_case_passes(folder, capsys):
    assert main([str(folder)]) == 0

    assert capsys.readouterr().out.startswith("pass")


def test_every_case_tells_its_source():
    assert all(json.loads(path.read_text("utf-8"))["source"] for path in CASES.glob("*/expected.json"))


def test_a_folder_of_cases_is_run_whole_and_counted(capsys):
    assert main([str(CASES)]) == 0

    n_cases = len(list(CASES.iterdir()))
    assert capsys.readouterr().out.splitlines()[-1] == f"{n_cases} cases: {n_cases} pass, 0 fail, 0 not yet"


@pytest.mark.parametrize("key", ["mean", "mrbar", "upl_2.66", "mr_upl"])
def test_a_wrong_value_fails(tmp_path, capsys, viscosity, key):
    data = (CASES / "xmr_viscosity" / "data.csv").read_text("utf-8")
    viscosity["expected"][key] += 0.01
    folder = write_case(tmp_path / "wrong", viscosity["expected"], data)

    assert main([str(folder)]) == 1

    assert f"({key})" in capsys.readouterr().out


def test_a_position_that_no_rule_marks_fails(tmp_path):
    data = "i,y\n" + "\n".join(f"{place},{10 + place % 2 * 2}" for place in range(1, 13))
    expected = {"mean": 11, "mrbar": 2, "outside": [], "trend7": [], "two_of_three": [], "run7": []}

    assert main([str(write_case(tmp_path / "right", expected, data))]) == 0
    assert main([str(write_case(tmp_path / "wrong", {**expected, "run7": [3]}, data))]) == 1


def test_a_run_with_a_missing_row_is_not_joined(tmp_path):
    rows = [9, 11] * 12 + [10.5] * 8
    whole = "week,delay\n" + "\n".join(f"{place},{value}" for place, value in enumerate(rows, start=1))
    gap = "\n".join(line for line in whole.splitlines() if not line.startswith("28,"))
    mean = sum(rows) / len(rows)

    run = list(range(24, 33))
    assert main([str(write_case(tmp_path / "whole", {"mean": mean, "run7": run}, whole))]) == 0
    mean_without = (sum(rows) - 10.5) / (len(rows) - 1)
    assert main([str(write_case(tmp_path / "gap", {"mean": mean_without, "run7": []}, gap))]) == 0


def test_a_phase_column_starts_the_limits_anew(tmp_path):
    rows = [(10 + place % 2 * 2, 1) for place in range(12)] + [(20 + place % 2 * 4, 2) for place in range(12)]
    data = "i,y,phase\n" + "\n".join(f"{place},{value},{phase}" for place, (value, phase) in enumerate(rows, start=1))

    assert main([str(write_case(tmp_path / "steps", {"mean": 22, "mrbar": 4, "upl": 32.64}, data))]) == 0


@pytest.mark.parametrize("area", ["did", "sequential", "something new"])
def test_a_method_that_is_not_built_yet_is_listed_and_does_not_fail(tmp_path, capsys, area):
    folder = write_case(tmp_path / "later", {"att": 1.0}, area=area)

    assert main([str(folder)]) == 0

    assert capsys.readouterr().out.splitlines() == [
        f"not yet later                           {area}", "1 cases: 0 pass, 0 fail, 1 not yet",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "expected.json").write_text("{", "utf-8"),
        lambda folder: (folder / "expected.json").write_text("[]", "utf-8"),
        lambda folder: (folder / "expected.json").write_text('{"area": "spc"}', "utf-8"),
        lambda folder: (folder / "data.csv").write_text("i,y\n1\n", "utf-8"),
        lambda folder: (folder / "data.csv").write_text("", "utf-8"),
        lambda folder: (folder / "data.csv").write_text("i,a,b\n1,2,3\n2,3,4.5\n", "utf-8"),
        lambda folder: (folder / "data.csv").unlink(),
        lambda folder: (folder / "expected.json").unlink(),
    ],
)
def test_a_folder_that_is_not_a_case_is_told_in_one_line(tmp_path, capsys, spoil):
    folder = write_case(tmp_path / "case", {"mean": 1, "mrbar": 1}, "i,y\n1,2\n2,3\n")
    spoil(folder)

    assert main([str(folder)]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("not a case: ")
    assert said.err.count("\n") == 1


def test_no_folder_and_a_folder_that_is_not_there_are_told(tmp_path, capsys):
    assert main([]) == 2
    assert main([str(tmp_path / "nowhere")]) == 2

    assert capsys.readouterr().err.count("\n") == 2


def test_one_spoilt_case_does_not_hide_the_others(tmp_path, capsys):
    write_case(
        tmp_path / "good", {"mean": 11, "mrbar": 2}, "i,y\n" + "\n".join(f"{i},{10 + i % 2 * 2}" for i in range(8))
    )
    (write_case(tmp_path / "spoilt", {}) / "expected.json").write_text("{", "utf-8")

    assert main([str(tmp_path)]) == 2

    said = capsys.readouterr()
    assert said.out.startswith("pass    good")
    assert "spoilt" in said.err


def test_a_case_that_breaks_the_comparison_fails_with_its_reason(tmp_path, capsys):
    folder = write_case(
        tmp_path / "odd", {"estimate_mean": 1, "lo95": "low", "hi95": 2}, "t,y,post\n1,2,0\n2,3,1\n", area="its"
    )

    assert main([str(folder)]) == 1

    assert "Error" in capsys.readouterr().out
