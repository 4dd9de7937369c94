"""Every SQL text stays in what both engines run, and no connection is shared."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*(ROOT / "data").glob("*.py"), *(ROOT / "loaders").glob("*.py")])
MIGRATIONS = sorted((ROOT / "data" / "migrations").glob("*.sql"))
FORBIDDEN = re.compile(
    r"\b(PRIMARY\s+KEY|UNIQUE|CHECK|INDEX|SEQUENCE|ENUM|RETURNING|ON\s+CONFLICT|TRIGGER|FOREIGN\s+KEY)\b", re.IGNORECASE
)
SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|MERGE|CREATE|ALTER|DROP|WITH|FROM|COPY)\b[^.]*", re.DOTALL)
RUNS_SQL = {"execute", "executemany", "sql", "query"}


def sql_texts(source: str) -> list[str]:
    """The texts in a module that are SQL, f-strings with their holes as ?."""
    texts = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            texts.append("".join(p.value if isinstance(p, ast.Constant) else "?" for p in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.append(node.value)
    return [text for text in texts if SQL.match(text)]


def shared_connections(source: str) -> list[str]:
    """The calls in a module that run SQL on something other than a local cursor: an attribute, or the module."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in RUNS_SQL):
            continue
        on = ast.unparse(node.func.value)
        if not (on == "cursor" or on.endswith(".cursor") or on.startswith(("cursor.", "tx.cursor.", "self.cursor."))):
            found.append(f"{node.lineno}: {on}.{node.func.attr}")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_a_module_speaks_only_the_sql_that_both_engines_run(path):
    assert [text for text in sql_texts(path.read_text(encoding="utf-8")) if FORBIDDEN.search(text)] == []


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: path.name)
def test_a_migration_speaks_only_the_sql_that_both_engines_run(path):
    statements = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))

    assert FORBIDDEN.findall(statements) == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_sql_runs_on_a_cursor_of_the_caller_only(path):
    assert shared_connections(path.read_text(encoding="utf-8")) == []


def test_the_lint_sees_what_it_looks_for():
    guilty = 'def f(self, c):\n    self._connection.execute("SELECT 1")\n    duckdb.sql(f"CREATE TABLE {c} (id INTEGER PRIMARY KEY)")'

    assert len(shared_connections(guilty)) == 2
    assert any(FORBIDDEN.search(text) for text in sql_texts(guilty))
