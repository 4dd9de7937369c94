"""Print which lines of docs/acceptance.md no test shows yet: `python -m tests.accepted`.

A mark with a number that the list does not have is a mistake and fails.
"""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINE = re.compile(r"^- (\d+\.\d+) \[([MSC])\]★? (.*)$", re.MULTILINE)


def listed() -> dict[str, str]:
    text = (ROOT / "docs/acceptance.md").read_text(encoding="utf-8")
    return {number: f"[{weight}] {wish}" for number, weight, wish in LINE.findall(text)}


def marked(source: str) -> set[str]:
    numbers = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.accepts"):
            numbers |= {argument.value for argument in node.args if isinstance(argument, ast.Constant)}
    return numbers


def main() -> int:
    lines = listed()
    shown = set().union(
        *(marked(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "tests").rglob("test_*.py")))
    )
    unknown = sorted(shown - lines.keys())
    for number, wish in lines.items():
        if number not in shown:
            print(f"no test yet  {number:>5} {wish}")
    print(f"{len(shown & lines.keys())} of {len(lines)} acceptance lines have a test")
    if unknown:
        print(f"marks without a line in docs/acceptance.md: {', '.join(unknown)}", file=sys.stderr)
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
