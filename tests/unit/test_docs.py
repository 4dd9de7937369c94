"""The documents lead where they say, and the guide says the same in both languages."""

import re
import zipfile
from pathlib import Path

import pytest

from data.publications import content_hash

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
PICTURE = re.compile(r"!\[[^\]]+\]\(([^)\s]+)\)")
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
PACKAGE = re.compile(r"^\| ([\w.-]+) \| ([\w.]+) \| [^|]+ \|$", re.MULTILINE)
LOCKED = re.compile(r"^([\w.-]+)==([\w.]+)", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def text_of(path: Path) -> str:
    return FENCED.sub("", path.read_text(encoding="utf-8"))


def anchors(path: Path) -> set[str]:
    """The places of a page as GitHub names them."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for _, title in HEADING.findall(text_of(path))}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_inside_the_project_leads_somewhere(document):
    lost = []
    for link in LINK.findall(text_of(document)):
        place, _, anchor = link.partition("#")
        target = document if not place else document.parent / place
        if "://" not in link and (not target.exists() or (anchor and anchor not in anchors(target))):
            lost.append(link)

    assert lost == []


def test_the_guide_has_the_same_parts_in_both_languages():
    french, english = (text_of(ROOT / f"docs/guide.{language}.md") for language in ("fr", "en"))

    assert [level for level, _ in HEADING.findall(french)] == [level for level, _ in HEADING.findall(english)]
    assert len(re.findall(r"^\|", french, re.MULTILINE)) == len(re.findall(r"^\|", english, re.MULTILINE))
    assert [name.replace("_fr.", ".") for name in PICTURE.findall(french)] == [
        name.replace("_en.", ".") for name in PICTURE.findall(english)
    ]


def test_every_package_of_the_lock_stands_in_the_licences_with_its_version():
    page = (ROOT / "docs/licences.md").read_text(encoding="utf-8")
    tables = page.partition("## Dependencies")[2]
    listed = {
        (name.lower().replace("_", "-"), version) for name, version in PACKAGE.findall(tables) if version[0].isdigit()
    }
    locks = [(ROOT / name).read_text(encoding="utf-8") for name in ("requirements.txt", "requirements-cluster.txt")]

    locked = {(name.lower().replace("_", "-"), version) for lock in locks for name, version in LOCKED.findall(lock)}

    assert {name for name, _ in listed} == {name for name, _ in locked}
    assert sorted(listed - locked) == []


def test_the_recipe_for_a_page_s_hash_gives_that_hash(tmp_path, monkeypatch, capsys):
    frozen = {"facts.json": b"{}", "data.csv": "période,valeur\n".encode()}
    with zipfile.ZipFile(tmp_path / "frozen.zip", "w") as archive:
        for name, content in frozen.items():
            archive.writestr(name, content)
    page = (ROOT / "docs/methods.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    exec(re.search(r"```python\n(.*?)```", page, re.DOTALL)[1], {})

    assert capsys.readouterr().out.strip() == content_hash(frozen)
