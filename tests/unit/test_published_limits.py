"""What docs/limits.md publishes is what the code enforces."""

import re
from pathlib import Path

import pytest

from analytics.its import MINIMUM_AFTER, MINIMUM_BEFORE
from analytics.spc import MINIMUM_POINTS, MINIMUM_RANGES, TRIAL_POINTS
from data.settings import Settings
from loaders.caps import Caps

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROW = re.compile(r"^\| `ESSAIM_(\w+)` \| ([^|]*) \|", re.MULTILINE)


def published(page: str) -> dict[str, str]:
    return {name: told.strip() for name, told in ROW.findall((DOCS / page).read_text(encoding="utf-8"))}


@pytest.mark.promises("F1")
@pytest.mark.accepts("1.19")
def test_each_cap_on_a_file_is_published_with_its_default():
    told = {name: value for name, value in published("limits.md").items() if name.startswith("MAX_")}

    assert told == {f"MAX_{name}".upper(): str(field.default) for name, field in Caps.model_fields.items()}


def test_each_cap_says_what_it_limits_in_the_code_s_own_words():
    page = (DOCS / "limits.md").read_text(encoding="utf-8")

    assert [field.description for field in Caps.model_fields.values() if f"| {field.description} |" not in page] == []


def test_the_published_memory_is_the_one_in_force():
    assert published("limits.md")["MEMORY_LIMIT"] == Settings.model_fields["memory_limit"].default


def test_the_published_numbers_of_points_are_the_ones_in_force():
    page = (DOCS / "limits.md").read_text(encoding="utf-8")

    assert f"limits | {MINIMUM_POINTS}, with {MINIMUM_RANGES} neighbouring pairs" in page
    assert f"final | {TRIAL_POINTS};" in page
    assert f"effect | {MINIMUM_BEFORE} and {MINIMUM_AFTER} |" in page


def test_the_browser_s_own_cap_is_the_one_published():
    config = (DOCS.parent / ".streamlit/config.toml").read_text(encoding="utf-8")
    page = (DOCS / "limits.md").read_text(encoding="utf-8")

    allowed = re.search(r"^maxUploadSize = (\d+)$", config, re.MULTILINE)

    assert allowed is not None
    assert f"`maxUploadSize` ({allowed[1]} MB)" in page


def test_every_setting_is_listed_in_the_operations_guide_and_no_other():
    assert set(published("operations.md")) == {name.upper() for name in Settings.model_fields} | {"LANGUAGE"}
