"""Finds how a delimited file is written: its delimiter, quote and escape, by how alike they make its lines.

The measure is CleverCSV's (van den Burg, Nazábal and Sutton, Wrangling messy CSV files, Data Mining and
Knowledge Discovery, 2019): the more lines of one shape, and the more cells that look like something, the better.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from loaders.records import Form, records
from loaders.standins import rewriting

DELIMITERS = (",", ";", "\t", "|")
# Marks that also stand inside numbers, times and sentences: believed only when no usual delimiter makes a table.
RARE_DELIMITERS = (":", "~", "^", "\x1f", "\x01", " ")
BACKSLASH_T = "\\t"  # two characters, from a program that did not mean them
DOUBLED_ONCE = ("||", "::")  # ;; once on every line may as well be an empty column
QUOTES = ('"', "'")
SAMPLE_LINES = 200
SAMPLE_CHARACTERS = 200_000
NARROW = 1e-3  # worth of a line of one cell, the paper's epsilon
TABLE_SHARE = 0.6  # of the lines have one width, more than one cell, in what a usual delimiter makes a table of
FEWEST_LINES = 2
LINES_WITH_QUOTES = 50  # of those behind the sample

SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(?P<delimiter>[^\r\n\"]{1,2})\"?[\r\n]", re.IGNORECASE)  # Excel's own
KNOWN_CELL = re.compile(
    r"""\s*(?:
        | [-+(]?\s*[€$£]?\s*\d[\d\s\u00a0\u202f.,'’]*\s*[%€$£)]?-?      # a number, an amount, 12.5 %
        | \d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T\s]\d{1,2}:\d{2}(?::\d{2})?\S*)?     # a date, a moment
        | \d{1,2}:\d{2}(?::\d{2})?
        | n/?a | nan | null | none | :
        | [^,;\t|"]*[^\W\d_][^,;\t|"]*                                  # words
    )\s*""",
    re.VERBOSE | re.IGNORECASE,
)


def find_form(text: str) -> Form:
    """Find how a file is written from its first lines.

    >>> find_form("Site;Valeur\\nLyon;1,5\\nLille;2,25\\n").delimiter
    ';'
    """
    declared = SEPARATOR_LINE.match(text)
    sample = "".join(sample_lines(text if declared is None else text[declared.end() :]))
    if declared is not None:
        best = best_form(sample, [delimiter_as_used(declared["delimiter"], sample)])
    else:
        best = usual_or_rare(sample)
    if best.quote is None and (later := later_lines_with_quotes(text, len(sample))):
        forms = [form for form in possible_forms(later, [best.delimiter]) if form.quote]
        return forms[0] if forms else best
    return best


def sample_lines(text: str) -> list[str]:
    """Give the first lines of a text, whole ones."""
    sample = text[:SAMPLE_CHARACTERS]
    lines = cut_lines(sample)[:SAMPLE_LINES]
    if len(sample) < len(text) and 1 < len(lines) < SAMPLE_LINES:
        lines.pop()  # cut in its middle
    return lines


def cut_lines(text: str) -> list[str]:
    """Cut a text at its line ends, as Python's reader does, and keep them."""
    return list(io.StringIO(text, newline=""))


def later_lines_with_quotes(text: str, after: int) -> str:
    """Give some lines behind a sample in which a double quote stands; "" when there is none."""
    lines: list[str] = []
    at = text.find('"', after)
    while at >= 0 and len(lines) < LINES_WITH_QUOTES:
        start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
        end = len(text) if end < 0 else end
        lines.append(text[start : min(end, start + SAMPLE_CHARACTERS)])
        at = text.find('"', end)
    return "\n".join(lines)


def usual_or_rare(sample: str) -> Form:
    """Find the best form, with a rare delimiter only where the usual ones make no table."""
    usual = [delimiter_as_used(mark, sample) for mark in DELIMITERS if mark in sample]
    best = best_form(sample, usual) if usual else Form(",", None)
    rare = [delimiter_as_used(mark, sample) for mark in RARE_DELIMITERS if mark in sample]
    if BACKSLASH_T in sample:
        rare.append(BACKSLASH_T)
    if rare and not makes_a_table(best, sample):
        other = best_form(sample, rare)
        lines = cut_lines(sample)
        if worth(other, lines) > worth(best, lines) and makes_a_table(other, sample):
            return other
    return best


def delimiter_as_used(mark: str, sample: str) -> str:
    """Give a delimiter as the lines use it: alone, doubled throughout, or with a space behind it throughout."""
    lines = [line for line in cut_lines(sample) if line.strip()]
    if len(lines) < FEWEST_LINES:
        return mark
    bare = [re.sub(r'"[^"]*"', "", line.rstrip("\r\n")) for line in lines]
    for used in (mark * 2, mark + " "):
        fewest = 1 if used in DOUBLED_ONCE else 2
        if mark != " " and all(runs_of(mark, used, line) >= fewest for line in bare):
            return used
    return mark


def runs_of(mark: str, used: str, line: str) -> int:
    """Count how often a line has a delimiter in its longer form; 0 when it also has it in another."""
    longer = line.count(used)
    single = len(re.findall(re.escape(mark) + "+" + (" ?" if used.endswith(" ") else ""), line))
    return longer if longer == single == line.count(mark) / len(used.rstrip(" ")) else 0


def best_form(sample: str, delimiters: Sequence[str]) -> Form:
    """Find the form that is worth most on a sample, the likeliest of equals."""
    forms = possible_forms(sample, delimiters)
    lines = cut_lines(sample)
    return forms[0] if len(forms) == 1 else max(forms, key=lambda form: worth(form, lines))


def possible_forms(sample: str, delimiters: Sequence[str]) -> list[Form]:
    """List the forms with these delimiters whose quotes stand in a sample, the likeliest first."""
    forms = []
    for delimiter in delimiters:
        quoted = [quote for quote in QUOTES if opens_a_cell(quote, delimiter, sample)]
        forms += [quoted_form(quote, delimiter, sample) for quote in quoted]
        if '"' not in quoted or len(quoted) > 1 or sample.count('"') % 2:
            forms.append(Form(delimiter, None))
    return forms


def quoted_form(quote: str, delimiter: str, sample: str) -> Form:
    """Make the form with this quote, as the sample uses it."""
    spaced = not delimiter.endswith(" ") and re.search(re.escape(delimiter) + " +" + quote, sample) is not None
    return Form(delimiter, quote, "\\" if escapes_with_backslash(quote, delimiter, sample) else None, spaced)


def escapes_with_backslash(quote: str, delimiter: str, sample: str) -> bool:
    r"""Say whether \" is a quote inside a cell.

    It is not as the last two characters of one ("C:\temp\"), nor where quotes mostly stand in words without it (don't).
    """
    escaped = re.findall(rf"\\{quote}(?!{re.escape(delimiter)}|[\r\n]|$)", sample)
    return len(escaped) > len(re.findall(rf"\w{quote}\w", sample))


def opens_a_cell(quote: str, delimiter: str, sample: str) -> bool:
    """Say whether a quote stands where a cell begins and where one ends."""
    mark = re.escape(delimiter)
    begins = re.search(rf"(?:^|{mark}) *{quote}", sample, re.MULTILINE)
    ends = re.search(rf"{quote} *(?:{mark}|\r?$)", sample, re.MULTILINE)
    return begins is not None and ends is not None


def worth(form: Form, lines: Sequence[str]) -> float:
    """Measure a form on some lines: shape times likeness, as in the paper."""
    rows = list(sample_rows(form, lines))
    widths = Counter(map(len, rows))
    shape = sum(count * max(NARROW, width - 1) / width for width, count in widths.items()) / max(len(widths), 1)
    cells = [cell for row in rows for cell in row]
    known = sum(KNOWN_CELL.fullmatch(cell) is not None for cell in cells)
    return shape * max(known / max(len(cells), 1), NARROW)


def makes_a_table(form: Form, sample: str) -> bool:
    """Say whether most lines have one width, of two cells at least."""
    widths = Counter(map(len, sample_rows(form, cut_lines(sample))))
    width, count = max(widths.items(), key=lambda item: item[1], default=(1, 0))
    return width > 1 and count >= TABLE_SHARE * widths.total()


def sample_rows(form: Form, lines: Sequence[str]) -> Iterator[list[str]]:
    """Cut some lines into the rows that have cells; none when a cell is too long."""
    rewritten = rewriting(form, "".join(lines))
    simple = [rewritten.text(line) for line in lines] if rewritten.changes else lines
    try:
        yield from [row for _, row in records(simple, rewritten.form) if row]
    except csv.Error:
        return
