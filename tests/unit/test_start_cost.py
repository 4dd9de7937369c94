"""What product code must not import: it would be paid at every start and every rerun."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("analytics", "data", "loaders", "wording", "pages")


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("room", ROOMS)
def test_no_product_code_imports_scipy_stats(room):
    guilty = [str(path) for path in sorted((ROOT / room).rglob("*.py")) if "scipy.stats" in imported(path)]

    assert guilty == []
