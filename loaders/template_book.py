"""How a site's template looks: one sheet a grain, labels that cannot be overwritten, and cells that take numbers."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from data.types import Grain, Metric, Site, Target
from loaders.choices import Choices, ColumnRole, LayoutKind, MetricChoice, SegmentHandling
from loaders.numbers import DecimalSign
from loaders.outgoing import cell_at, put_text
from loaders.own_sheets import OwnNotes, write_notes
from wording import Language, date_, say, state, unit, value

HEADING_ROW = 5
FIRST_ROW = HEADING_ROW + 1
LARGEST = 1e15  # any number that a cell can hold exactly
HEADING = PatternFill("solid", fgColor="1F3A2E")
LABEL = PatternFill("solid", fgColor="EEF1EC")
RECEIVED = PatternFill("solid", fgColor="D9D9D9")
LINE = Border(bottom=Side(style="hair", color="9AA39C"))
A4 = 9


@dataclass(frozen=True, slots=True)
class Asked:
    """One metric that a site is asked for. after: its last period on record; None = none yet."""

    metric: Metric
    target: Target | None
    after: dt.date | None


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet: the metrics of one grain, the periods to fill in, and the segments of each where there are some."""

    grain: Grain
    asked: tuple[Asked, ...]
    starts: tuple[dt.date, ...]
    segments: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[ColumnRole, ...]:
        """What the columns before the metrics hold."""
        found = [ColumnRole.SITE_NAME, ColumnRole.PERIOD]
        found += [ColumnRole.IGNORE] if self.grain is Grain.WEEK else []
        return (*found, *([ColumnRole.SEGMENT] if self.segments else []))

    @property
    def rows(self) -> Iterator[tuple[dt.date, str]]:
        """Give the period and segment of each row."""
        return ((start, segment) for start in self.starts for segment in self.segments or ("",))

    @property
    def last_row(self) -> int:
        """The number of the last row."""
        return HEADING_ROW + len(self.starts) * max(1, len(self.segments))


def written(site: Site, pages: Sequence[Page], language: Language, today: dt.date) -> bytes:
    """Write the template as xlsx bytes, in the keeper's language."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    sheets: dict[str, Choices] = {}
    for page in pages:
        name = say(f"templates.sheet.{page.grain.value}", language)
        times = sum(other.startswith(name) for other in sheets)
        sheet = workbook.create_sheet(f"{name} {times + 1}" if times else name)
        sheets[sheet.title] = _choices(page, language)
        _write_page(sheet, site, page, language)
    _write_guide(workbook.create_sheet(say("templates.sheet.guide", language)), site, pages, language, today)
    write_notes(workbook, OwnNotes((say("templates.sheet.guide", language),), sheets))
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _choices(page: Page, language: Language) -> Choices:
    """Say how a sheet is to be read, so that nothing needs to be asked about it."""
    letters = [get_column_letter(at + 1) for at in range(len(page.labels) + len(page.asked))]
    roles = dict(zip(letters, [*page.labels, *[ColumnRole.VALUE] * len(page.asked)], strict=True))
    named = {
        letter: MetricChoice(metric_id=asked.metric.id, unit=asked.metric.unit)
        for letter, asked in zip(letters[len(page.labels) :], page.asked, strict=True)
    }
    return Choices(
        header_row=HEADING_ROW, layout=LayoutKind.LONG, roles=roles, metrics=named, grain=page.grain,
        decimal=DecimalSign.COMMA if language == "fr" else DecimalSign.POINT,
        segments=SegmentHandling.KEEP if page.segments else None,
    )  # fmt: skip


def _write_page(sheet: Worksheet, site: Site, page: Page, language: Language) -> None:
    put_text(sheet["A1"], say("templates.title", language, site=site.name, sheet=sheet.title))
    sheet["A1"].font = Font(bold=True, size=14)
    put_text(sheet["A2"], say("templates.how", language))
    put_text(sheet["A3"], say("templates.received", language))
    sheet["A3"].fill = RECEIVED
    _write_headings(sheet, page, language)
    for row, (start, segment) in enumerate(page.rows, FIRST_ROW):
        _write_labels(sheet, row, site, page, start, segment, language)
        for at, asked in enumerate(page.asked, len(page.labels) + 1):
            cell = cell_at(sheet, row, at)
            cell.number_format = "0" + ("." + "0" * asked.metric.decimals if asked.metric.decimals else "")
            cell.protection = Protection(locked=False)
            cell.border = LINE
            if asked.after is not None and start <= asked.after:
                cell.fill = RECEIVED
    _validate(sheet, page, language)
    _ready_for_paper(sheet, page, site)
    sheet.freeze_panes = cell_at(sheet, FIRST_ROW, len(page.labels) + 1)
    sheet.protection.enable()  # without a password: against slips, not against people
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False


def _write_headings(sheet: Worksheet, page: Page, language: Language) -> None:
    words = {
        ColumnRole.SITE_NAME: say("templates.heading.site", language),
        ColumnRole.PERIOD: say(f"templates.heading.{page.grain.value}", language),
        ColumnRole.IGNORE: say("templates.heading.starts_on", language),
        ColumnRole.SEGMENT: say("templates.heading.segment", language),
    }
    for at, role in enumerate(page.labels, 1):
        _heading(cell_at(sheet, HEADING_ROW, at), words[role])
        sheet.column_dimensions[get_column_letter(at)].width = 18
    for at, asked in enumerate(page.asked, len(page.labels) + 1):
        text = heading(asked.metric, language)
        cell = cell_at(sheet, HEADING_ROW, at)
        _heading(cell, text)
        cell.comment = Comment(meaning(asked, language), "Essaim", height=160, width=320)
        sheet.column_dimensions[get_column_letter(at)].width = min(40, max(14, len(text) * 0.7))
    sheet.row_dimensions[HEADING_ROW].height = 45


def heading(metric: Metric, language: Language) -> str:
    """Name a metric with its unit, as a heading does."""
    counted_in = unit(metric, language)
    return f"{metric.name(language)} ({counted_in})" if counted_in else metric.name(language)


def meaning(asked: Asked, language: Language) -> str:
    """Say what a metric means, which way is better, its target and what is plausible."""
    metric, target = asked.metric, asked.target
    lines = [metric.definition.strip(), state(metric.direction, language).capitalize() + "."]
    if target is not None:
        lines.append(
            say("templates.target", language, value=value(target.value, metric, language),
                date=date_(target.applies_from, language))
        )  # fmt: skip
    if metric.plausible_low is not None and metric.plausible_high is not None:
        low, high = (value(limit, metric, language) for limit in (metric.plausible_low, metric.plausible_high))
        lines.append(say("templates.plausible", language, low=low, high=high))
    return "\n".join(line for line in lines if line)


def _heading(cell: Cell, text: str) -> None:
    put_text(cell, text)
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = HEADING
    cell.alignment = Alignment(wrap_text=True, vertical="center")


def _write_labels(
    sheet: Worksheet, row: int, site: Site, page: Page, start: dt.date, segment: str, language: Language
) -> None:
    for at, role in enumerate(page.labels, 1):
        cell = cell_at(sheet, row, at)
        match role:
            case ColumnRole.SITE_NAME:
                put_text(cell, site.name)
            case ColumnRole.PERIOD:
                _write_period(cell, start, page.grain, language)
            case ColumnRole.IGNORE:
                cell.value, cell.number_format = start, "dd/mm/yyyy"
            case _:
                put_text(cell, segment)
        cell.fill, cell.border = LABEL, LINE
        cell.alignment = Alignment(horizontal="left")


def _write_period(cell: Cell, start: dt.date, grain: Grain, language: Language) -> None:
    match grain:
        case Grain.DAY:
            cell.value, cell.number_format = start, "dd/mm/yyyy"
        case Grain.MONTH:
            cell.value, cell.number_format = start, "mmmm yyyy"
        case Grain.WEEK:
            year, week, _ = start.isocalendar()
            put_text(cell, say("templates.period.week", language, week=f"{week:02}", year=str(year)))
        case Grain.QUARTER:
            number = str((start.month + 2) // 3)
            put_text(cell, say("templates.period.quarter", language, quarter=number, year=str(start.year)))
        case Grain.YEAR:
            put_text(cell, str(start.year))


def _validate(sheet: Worksheet, page: Page, language: Language) -> None:
    """Let the cells take numbers only, ask again beyond what is plausible, and offer the labels as lists."""
    for at, asked in enumerate(page.asked, len(page.labels) + 1):
        low, high = asked.metric.plausible_low, asked.metric.plausible_high
        bounded = low is not None and high is not None
        rule = DataValidation(
            type="decimal", operator="between", allow_blank=True,
            formula1=f"{low if bounded else -LARGEST:.15g}", formula2=f"{high if bounded else LARGEST:.15g}",
            errorStyle="warning" if bounded else "stop",
        )  # fmt: skip
        rule.error = say("templates.error.range" if bounded else "templates.error.number", language)
        rule.errorTitle = rule.promptTitle = heading(asked.metric, language)[:32]
        rule.showErrorMessage = True
        _apply(sheet, rule, page, at)
    lists = {ColumnRole.SITE_NAME: 1, ColumnRole.SEGMENT: len(page.segments)}
    for at, role in enumerate(page.labels, 1):
        if role in lists:
            letter = get_column_letter(at)
            options = f"${letter}${FIRST_ROW}:${letter}${FIRST_ROW + lists[role] - 1}"
            rule = DataValidation(type="list", formula1=options, allow_blank=False, showErrorMessage=True)
            rule.error = say("templates.error.list", language)
            _apply(sheet, rule, page, at)


def _apply(sheet: Worksheet, rule: DataValidation, page: Page, column: int) -> None:
    letter = get_column_letter(column)
    rule.add(f"{letter}{FIRST_ROW}:{letter}{page.last_row}")
    sheet.add_data_validation(rule)


def _ready_for_paper(sheet: Worksheet, page: Page, site: Site) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{HEADING_ROW}:{HEADING_ROW}"
    sheet.print_area = f"A1:{get_column_letter(len(page.labels) + len(page.asked))}{page.last_row}"
    sheet.oddFooter = HeaderFooterItem(
        left=_HeaderFooterPart(site.name.replace("&", "&&")), right=_HeaderFooterPart("&P / &N")
    )


def _write_guide(sheet: Worksheet, site: Site, pages: Sequence[Page], language: Language, today: dt.date) -> None:
    """Write what to do and what each metric means."""
    put_text(sheet["A1"], say("templates.guide.title", language, site=site.name))
    sheet["A1"].font = Font(bold=True, size=14)
    for row, name in enumerate(("fill", "empty", "send"), 2):
        put_text(cell_at(sheet, row, 1), say(f"templates.guide.{name}", language))
    put_text(cell_at(sheet, 5, 1), say("templates.guide.made", language, date=date_(today, language)))
    for at, name in enumerate(("metric", "sheet", "meaning"), 1):
        _heading(cell_at(sheet, 7, at), say(f"templates.guide.{name}", language))
    row = 8
    for page in pages:
        for asked in page.asked:
            put_text(cell_at(sheet, row, 1), heading(asked.metric, language))
            put_text(cell_at(sheet, row, 2), say(f"templates.sheet.{page.grain.value}", language))
            put_text(cell_at(sheet, row, 3), meaning(asked, language))
            cell_at(sheet, row, 3).alignment = Alignment(wrap_text=True, vertical="top")
            row += 1
    for letter, width in (("A", 40), ("B", 16), ("C", 90)):
        sheet.column_dimensions[letter].width = width
    sheet.protection.enable()
