"""Which codes the source asks for: literal codes, codes with a varying part, and reasons of analytics."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
ROOMS = ("app.py", "pages", "loaders", "wording", "data")
SPEAKERS = {"say"}
FAULT_WORDS = frozenset({"found", "expected"})  # what wording.fault gives to every fault's phrase
CODE = re.compile(r"[a-z_]+(\.[a-z0-9_]+)+")


@dataclass(frozen=True)
class Asked:
    """One call that says something: `pattern` is a regular expression of its code."""

    where: str
    pattern: str
    literal: bool
    given: frozenset[str] | None  # the names of its arguments; None when it passes ** along


def asked_codes() -> list[Asked]:
    """List every say(...) of the source whose code is written there, wholly or in part."""
    return [asked for path in _sources(*ROOMS) for asked in _asked_in(path)]


def codes_written(domains: Collection[str]) -> list[tuple[str, str]]:
    """List (place, code) of every string of pages and loaders that is written as a code of a catalogue."""
    found = []
    for path in _sources("app.py", "pages", "loaders"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        found += [
            (f"{path.relative_to(ROOT)}:{node.lineno}", node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts
            if CODE.fullmatch(node.value) and node.value.partition(".")[0] in domains
        ]
    return found


def asked_in_templates() -> list[tuple[str, str]]:
    """List (file, code) of every say('...') in an HTML template."""
    said = re.compile(r"\bsay\(\s*[\"']([a-z0-9_.]+)[\"']")
    return [
        (str(path.relative_to(ROOT)), code)
        for suffix in ("*.html", "*.jinja", "*.j2", "*.svg")
        for path in sorted((ROOT / "pages").rglob(suffix))
        for code in said.findall(path.read_text(encoding="utf-8"))
    ]


def reasons() -> list[tuple[str, str, frozenset[str] | None]]:
    """List (place, code, argument names) of every NotComputable that analytics answer with; code "" = not literal."""
    found = []
    for path in sorted((ROOT / "analytics").rglob("*.py")):
        for call in _calls(path, {"NotComputable"}):
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            code = call.args[0] if call.args else given.get("code")
            args = call.args[1] if len(call.args) > 1 else given.get("args")
            place = f"{path.relative_to(ROOT)}:{call.lineno}"
            found.extend((place, text, _keys(args)) for text in _texts(code))
    return found


def file_troubles() -> list[tuple[str, str, frozenset[str] | None]]:
    """List (place, code of its words, argument names) of every Refusal and Fault that loaders make with a literal code."""
    found = []
    for path in sorted((ROOT / "loaders").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args):
            place = f"{path.relative_to(ROOT)}:{call.lineno}"
            texts = filter(None, _texts(call.args[0]))
            if _is_fault(call):
                found += [(place, f"loaders.fault.{text}", FAULT_WORDS) for text in texts]
            elif _name(call) == "Refusal":  # it is given more where it is worded
                domains = [keyword.value for keyword in call.keywords if keyword.arg == "domain"]
                domain = _texts(domains[0])[0] if domains else "loaders_reading"
                found += [(place, f"{domain}.refusal.{text}", None) for text in texts]
    return found


def _is_fault(call: ast.Call) -> bool:
    """Tell Fault(code, ...) and findings.add(code, Severity.X, ...)."""
    match call:
        case ast.Call(func=ast.Name(id="Fault")):
            return True
        case ast.Call(func=ast.Attribute(attr="add"), args=[_, severity, *_]):
            return any(isinstance(node, ast.Name) and node.id == "Severity" for node in ast.walk(severity))
    return False


def _sources(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        path = ROOT / room
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def _asked_in(path: Path) -> Iterator[Asked]:
    for call in _calls(path, SPEAKERS):
        if not call.args:
            continue
        names = {keyword.arg for keyword in call.keywords}
        given = None if None in names else frozenset(name for name in names if name)
        where = f"{path.relative_to(ROOT)}:{call.lineno}"
        for pattern, literal in _patterns(call.args[0]):
            if CODE.match(pattern.replace("\\", "")):
                yield Asked(where, pattern, literal, given)


def _patterns(code: ast.expr) -> Iterator[tuple[str, bool]]:
    match code:
        case ast.Constant(value=str(text)):
            yield re.escape(text), True
        case ast.IfExp(body=body, orelse=orelse):
            yield from _patterns(body)
            yield from _patterns(orelse)
        case ast.JoinedStr(values=parts):
            yield "".join(re.escape(str(p.value)) if isinstance(p, ast.Constant) else ".+" for p in parts), False


def _texts(code: ast.expr | None) -> list[str]:
    match code:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=body, orelse=orelse):
            return _texts(body) + _texts(orelse)
    return [""]


def _keys(args: ast.expr | None) -> frozenset[str] | None:
    match args:
        case None:
            return frozenset()
        case ast.Dict(keys=keys) if all(isinstance(key, ast.Constant) for key in keys):
            return frozenset(str(key.value) for key in keys if isinstance(key, ast.Constant))
    return None


def _calls(path: Path, names: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and _name(node) in names:
            yield node


def _name(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="wording"), attr=name):
            return name
    return ""
