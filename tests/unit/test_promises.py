"""docs/safety.md is the list of promises: marks name its lines, and the tests it names stand and carry their line."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINE = re.compile(r"^\| ([AFS]\d) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
NAMED = re.compile(r"`(test_\w+)`")


def listed() -> dict[str, set[str]]:
    """Each promise's id with the tests that the list names."""
    page = (ROOT / "docs/safety.md").read_text(encoding="utf-8")
    return {promise: set(NAMED.findall(tests)) for promise, tests in LINE.findall(page)}


def marked() -> dict[str, set[str]]:
    """Each promise's id with the tests that carry its mark."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for call in getattr(node, "decorator_list", []):
                if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("mark.promises"):
                    for argument in call.args:
                        found.setdefault(ast.literal_eval(argument), set()).add(node.name)
    return found


def test_the_list_holds_every_promise_once():
    page = (ROOT / "docs/safety.md").read_text(encoding="utf-8")

    assert [promise for promise, _ in LINE.findall(page)] == [
        *(f"A{n}" for n in range(1, 10)), *(f"F{n}" for n in range(1, 10)), *(f"S{n}" for n in range(1, 9)),
    ]  # fmt: skip


def test_every_mark_names_a_promise_of_the_list():
    assert sorted(marked().keys() - listed().keys()) == []


def test_every_test_named_in_the_list_stands_and_carries_its_promise():
    carried = marked()

    assert {p: named - carried.get(p, set()) for p, named in listed().items() if named - carried.get(p, set())} == {}


def test_a_promise_without_a_test_says_so():
    page = (ROOT / "docs/safety.md").read_text(encoding="utf-8")

    assert [promise for promise, told in LINE.findall(page) if not NAMED.search(told) and told != "not yet"] == []
