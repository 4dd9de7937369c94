"""What the frame promises: colours one can read, words that are escaped, tables that stay tables on a phone."""

import dataclasses
import itertools
import re
import tomllib
from pathlib import Path

import pytest

from pages.shared import markup
from pages.shared.icons import SHAPES, data_uri, icon, icon_image, icon_svg
from pages.shared.markup import Count, Note
from pages.shared.tables import Cell, Column, Line, html_table
from pages.shared.theme import DARK, LIGHT, STATIC, chart_config, tokens

ROOT = Path(__file__).parents[2]
THEMES = {"light": LIGHT, "dark": DARK}
TEXT, MARK = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.accepts("9.10")
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["bg", "panel", "band"])
def test_words_and_marks_stand_out_from_every_ground(theme, ground):
    colour = tokens(theme)

    for word in ("ink", "soft", "person"):
        assert contrast(getattr(colour, word), getattr(colour, ground)) >= TEXT
    for mark in ("dot", "better", "worse", "target"):
        assert contrast(getattr(colour, mark), getattr(colour, ground)) >= MARK


@pytest.mark.accepts("9.10")
@pytest.mark.parametrize("theme", THEMES)
def test_words_stand_out_from_tints_tags_and_buttons(theme):
    colour = tokens(theme)

    for tint in ("worsebg", "betterbg", "personbg"):
        assert contrast(colour.soft, getattr(colour, tint)) >= TEXT
    assert contrast(colour.onperson, colour.person) >= TEXT
    assert contrast("#FFFFFF", colour.primary) >= TEXT


def test_the_app_theme_holds_the_same_colours():
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))

    for name, colour in THEMES.items():
        section = config["theme"][name]
        assert section["backgroundColor"] == colour.bg
        assert section["secondaryBackgroundColor"] == colour.panel
        assert section["textColor"] == colour.ink
        assert section["primaryColor"] == colour.primary
        assert section["linkColor"] == colour.person
        assert section["borderColor"] == colour.rule


def test_the_public_pages_hold_the_same_colours():
    sheet = (ROOT / "pages/evidence/style.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root\{(.*?)\}", sheet)

    for body, colour in ((light, LIGHT), (dark, DARK)):
        stated = dict(re.findall(r"--es-(\w+):(#\w{6})", body))
        expected = {name: hue for name, hue in dataclasses.asdict(colour).items() if name != "primary"}
        assert stated == expected


def test_every_font_named_is_shipped_with_its_licence():
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))

    for face in config["theme"]["fontFaces"]:
        assert (STATIC / Path(face["url"]).name).is_file()
    assert (STATIC / "LICENCE-ibm-plex-sans.txt").is_file()
    assert (STATIC / "LICENCE-newsreader.txt").is_file()


def test_no_style_asks_another_machine():
    sheets = [markup.style("light"), (ROOT / "pages/evidence/style.css").read_text(encoding="utf-8")]
    logos = [path.read_text(encoding="utf-8") for path in STATIC.glob("*.svg")]

    for text in sheets + logos:
        assert "//" not in text.replace("http://www.w3.org/2000/svg", "").replace("%2F%2F", "")
    assert len(logos) == 3


@pytest.mark.parametrize("theme", THEMES)
def test_no_two_icons_share_a_drawing(theme):
    drawings = {name: data_uri(name, theme) for name in SHAPES}

    for a, b in itertools.combinations(drawings, 2):
        assert drawings[a] != drawings[b]


def test_an_icon_is_decoration_beside_its_word():
    assert 'alt=""' in icon_image("diamond", "light")
    assert 'aria-hidden="true"' in icon("diamond")
    assert "var(--es-better)" in icon_svg("diamond")


def test_an_unknown_icon_is_a_mistake():
    with pytest.raises(ValueError, match="diamant"):
        icon("diamant")


def test_the_stylesheet_carries_each_icon_once_and_no_markup():
    sheet = markup.style("dark")

    assert sheet.count("es-i-diamond::before") == 1
    assert "<" not in sheet.removeprefix("<style>").removesuffix("</style>")


@pytest.mark.accepts("9.5")
def test_the_language_links_keep_the_rest_of_the_address():
    links = markup.language_links("fr", {"site": "metz & co", "metric": "m", "lang": "fr"})

    assert 'href="?site=metz+%26+co&amp;metric=m&amp;lang=en&amp;chosen=1"' in links
    assert re.search(r'lang="fr"[^>]*aria-current="true"', links)
    assert not re.search(r'lang="en" [^>]*aria-current', links)


@pytest.mark.parametrize(
    "piece",
    [
        lambda x: markup.head(x, x, "fr", {"site": x}, x),
        lambda x: markup.next_step(x, "en"),
        lambda x: markup.section(x, x),
        lambda x: markup.key_line([("diamond", x), x]),
        lambda x: markup.notes([Note(x, x, (x,), tag=x, href=x)]),
        lambda x: markup.counts([Count(x, x, [Note(x)])]),
        lambda x: markup.empty(x, x),
        lambda x: markup.error(x, safe=x, act=x, reference=x),
        lambda x: markup.steps([x], 0),
        lambda x: markup.footer(x) + markup.small(x),
        lambda x: html_table([x, x], [Line(x, [Cell(x, below=[x], href=x, tag=x)])], caption=x, nothing=x),
    ],
)
def test_what_people_type_is_shown_and_never_run(piece):
    shown = piece('<script>"alert"</script>')

    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


def test_counts_show_three_lines_at_most():
    column = Count(9, "retards", [Note(f"Site {i}") for i in range(9)])

    assert markup.counts([column]).count("<li>") == 3


@pytest.fixture
def table():
    return html_table(
        ["Site", Column("Délai (j)", numeric=True), "À décider"],
        [
            Line(
                "Metz",
                [Cell("11,9", icon="square", tint="worse", below=["préoccupe", ("miss", "n’atteindra pas")]), "oui"],
            ),
            Line("Rouen", [Cell("11,4", icon="ring", quiet=True), Cell("—", quiet=True)]),
        ],
        caption="Sites et métriques",
        nothing="rien à signaler",
    )


def test_a_table_names_its_rows_columns_and_itself(table):
    assert table.count('<th scope="row"') == 2
    assert table.count('<th scope="col"') == 3
    assert "<caption" in table
    assert 'class="es-num es-worse"' in table


@pytest.mark.accepts("9.11")
def test_on_a_phone_each_value_keeps_its_heading_and_its_role(table):
    assert 'data-label="Délai (j)"' in table
    assert table.count('role="cell"') == 4
    assert table.count("rien à signaler") == 1


def test_a_line_that_does_not_fit_its_table_is_a_mistake():
    with pytest.raises(ValueError, match="number of cells"):
        html_table(["a", "b"], [Line("x", [])], caption="c")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("theme", THEMES)
def test_a_chart_has_its_colours_and_its_language_from_one_place(theme, language):
    config = chart_config(theme, language)

    assert config["axis"]["labelColor"] == tokens(theme).soft
    assert config["locale"]["number"]["decimal"] == {"fr": ",", "en": "."}[language]
