"""What product code must not import, and not late: it would be paid at every start and every rerun."""

import ast
import json
import subprocess
import sys
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


def test_of_scipy_the_product_imports_special_functions_and_matrices_only():
    found = {
        name
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        for name in imported(path)
        if name.startswith("scipy.") and name.count(".") == 1
    }

    assert found <= {"scipy.special", "scipy.linalg"}


def late_imports(path: Path) -> set[str]:
    """The modules of the analytics that a module imports inside its functions."""
    within = [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)
    ]
    inner = [part for node in within for part in ast.walk(node)]
    names = {part.module for part in inner if isinstance(part, ast.ImportFrom) and part.module}
    names |= {alias.name for part in inner if isinstance(part, ast.Import) for alias in part.names}
    return {name for name in names if name.split(".")[0] == "analytics"}


def test_no_screen_imports_analytics_after_the_server_has_started():
    code = (
        "import importlib, json, sys, app\n"
        "for module in (*app.HEAVY, *(screen.module for screen in app.SCREENS)): importlib.import_module(module)\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    loaded = set(json.loads(told.splitlines()[-1]))

    assert {
        "analytics.portfolio",
        "analytics.alarm_p_values",
        "analytics.rollout",
        "analytics.autoregression",
    } <= loaded
    late = {name for room in ROOMS for path in (ROOT / room).rglob("*.py") for name in late_imports(path)}
    assert late - loaded == set()
    assert not {name for name in loaded if name.startswith(("scipy.stats", "statsmodels", "scipy.optimize"))}
