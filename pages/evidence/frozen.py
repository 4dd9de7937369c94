"""The files of an evidence page, made once at publication: words, pictures and data, in both languages."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import asdict
from math import isnan
from pathlib import Path

import altair as alt
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from analytics.results import NotComputable, SiteEffect
from analytics.results_effects import ComparisonEffect, EventStudy
from data.types import Analysis
from loaders.outgoing import plain_text
from pages.evidence.trial import Trial
from pages.evidence.words import TrialWords
from pages.shared.chart_marks import Pin
from pages.shared.effect_chart import effect_interval_chart
from pages.shared.effect_pictures import comparison_chart, event_study_chart
from pages.shared.evidence_charts import before_after_chart
from pages.shared.icons import icon_svg
from pages.shared.pictures import WIDE, to_svg
from pages.shared.theme import LIGHT
from pages.shared.trial_effect import adoption_dates, named
from pages.shared.trial_outcome import ICONS, TrialOutcome
from pages.shared.trial_readings import numbers_of
from pages.shared.trial_words import worthwhile
from wording import LANGUAGES, Language, say

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
SHORT_NAME = re.compile(r"\b\w{1,3}-\d+\b")  # D-12, J-2: never broken at its hyphen


def unbroken(text: str) -> Markup:
    """Keep short names with a hyphen on one line; everything else is escaped as ever.

    >>> unbroken("Figer <le> plan à J-2")
    Markup('Figer &lt;le&gt; plan à <span class="keep">J-2</span>')
    """
    return Markup(SHORT_NAME.sub(lambda name: f'<span class="keep">{name[0]}</span>', str(escape(text))))


TEMPLATES.filters["unbroken"] = unbroken
DOWNLOADS = "<!--downloads-->"  # where the serving page puts its links: their addresses are not part of the content
Drawn = dict[tuple[str, bool], str]  # each picture by its name and whether for a phone; empty where there is none
PHONE_WIDTH = 358  # of a page 390 wide, so that the words in a picture keep their twelve pixels


def frozen_files(trial: Trial, *, published_on: str) -> dict[str, bytes]:
    """Make every file of a page: its content and its picture in each language, its data, and its row of the register.

    published_on: the date as it stands in the file of facts, YYYY-MM-DD.
    """
    words = {language: TrialWords(trial, language) for language in LANGUAGES}
    files = {
        "data.csv": data_csv(trial) if trial.effect.data.by_site.empty else sites_csv(trial),
        "facts.json": _facts(trial, words, published_on),
    }
    for language in LANGUAGES:
        drawn = _drawn(trial, words[language], language)
        files[f"content.{language}.html"] = _content(trial, words[language], language, drawn).encode()
        if picture := drawn["before_after", False]:
            files[f"chart.{language}.svg"] = picture.encode()
    return files


def data_csv(trial: Trial) -> bytes:
    """Write the analysed window as CSV: numbers and dates only, a line a period, empty where not measured."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["period_start", "value", "denominator", "part", "expected_without_change", "used"])
    start = trial.plan.starts_on
    expected = iter(trial.result.counterfactual if isinstance(trial.result, SiteEffect) else ())
    for moment, y in trial.values.items():
        day = moment.date()
        after = day >= start
        guess = next(expected, float("nan")) if after else float("nan")
        used = "no" if isnan(y) or day in trial.effect.data.excluded else "yes"
        row = [day.isoformat(), _cell(y), _cell(trial.weights[moment]), "after" if after else "before"]
        table.writerow([*row, _cell(guess), used])
    return text.getvalue().encode()


def sites_csv(trial: Trial) -> bytes:
    """Write the analysed window of several sites as CSV: a line a site and period, empty where not measured."""
    data, plan = trial.effect.data, trial.plan
    starts = (
        adoption_dates(plan) if plan.analysis is Analysis.STAGGERED else dict.fromkeys(plan.site_ids, plan.starts_on)
    )
    called = trial.called("en")
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["site", "role", "period_start", "value", "denominator", "part", "used"])
    for site in data.by_site.columns:
        role, start = ("treated" if site in plan.site_ids else "comparison"), starts.get(site) or plan.starts_on
        for moment, y in data.by_site[site].items():
            part = "after" if moment.date() >= start else "before"
            used = "no" if isnan(y) or moment.date() in data.excluded else "yes"
            cells = [_cell(y), _cell(data.site_weights[site][moment])]
            table.writerow([plain_text(called[site]), role, moment.date().isoformat(), *cells, part, used])
    return text.getvalue().encode()


def _cell(number: float) -> str:
    return "" if isnan(number) else f"{number:.10g}"


def _facts(trial: Trial, words: dict[Language, TrialWords], published_on: str) -> bytes:
    """The row of the register, frozen with the page so that the list says what the page says."""
    facts = {
        "outcome": trial.outcome.value,
        "verdict": trial.experiment.verdict,
        "days_before": trial.days_before,
        "published_on": published_on,
        "title": {language: words[language].trial_title for language in LANGUAGES},
        "sites": {language: words[language].sites for language in LANGUAGES},
        "metric": {language: words[language].metric for language in LANGUAGES},
        "effect": {language: words[language].short_effect for language in LANGUAGES},
        "plan_hash": trial.plan.plan_hash,
        "result": numbers_of(trial.result_for("en")),
    }
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, indent=1).encode()


def _content(trial: Trial, words: TrialWords, language: Language, drawn: Drawn) -> str:
    def said(code: str, **args: object) -> str:
        return say(code, language, **args)

    pictures = {name: Markup(_both_widths(name, drawn)) for name in PICTURES}
    return TEMPLATES.get_template("content.html").render(
        say=said,
        words=words,
        outcome=trial.outcome.value,
        tint={TrialOutcome.HELPED: "better", TrialOutcome.HARMFUL: "worse"}.get(trial.outcome, ""),
        icon=Markup(icon_svg(ICONS.get(trial.outcome, "ring"))),
        pictures=pictures,
        downloads=Markup(DOWNLOADS),
    )


def _both_widths(name: str, drawn: Drawn) -> str:
    return "".join(
        f'<div class="{width}">{_inline(svg)}</div>'
        for width, phone in (("wide", False), ("narrow", True))
        if (svg := drawn[name, phone])
    )


def _drawn(trial: Trial, words: TrialWords, language: Language) -> Drawn:
    """Draw each picture once for a wide page and once for a phone."""
    return {
        (name, phone): _picture(chart(trial, words, language, phone), language, phone=phone)
        for name, chart in PICTURES.items()
        for phone in (False, True)
    }


def _picture(drawn: alt.TopLevelMixin | None, language: Language, *, phone: bool) -> str:
    return "" if drawn is None else to_svg(drawn, language, width=PHONE_WIDTH if phone else WIDE)


def _before_after(trial: Trial, words: TrialWords, language: Language, phone: bool) -> alt.TopLevelMixin | None:
    """The declared analysis as a picture of the data: before and after, beside others, or around each start."""
    if trial.plan.analysis is Analysis.STAGGERED:
        return _around_starts(trial, language, phone)
    data = trial.effect.data
    if trial.plan.analysis is Analysis.COMPARISON and isinstance(trial.result, ComparisonEffect):
        return comparison_chart(
            data.by_site, trial.result, intervention_date=trial.plan.starts_on, metric=trial.metric,
            grain=data.grain, language=language, theme="light", excluded=data.excluded, phone=phone,
            description=words.picture,
        )  # fmt: skip
    if not data.on_both_sides(trial.plan.starts_on):
        return None
    effect = trial.result if isinstance(trial.result, SiteEffect) else None
    pin = Pin(trial.pinned.label, "decision", trial.plan.starts_on) if trial.pinned else None
    return before_after_chart(
        trial.values, effect, intervention_date=trial.plan.starts_on, metric=trial.metric,
        grain=data.grain, language=language, theme="light", excluded=data.excluded, phone=phone,
        description=words.picture, pin=pin,
    )  # fmt: skip


def _around_starts(trial: Trial, language: Language, phone: bool) -> alt.TopLevelMixin | None:
    study = trial.study
    if not isinstance(study, EventStudy) or not study.points:
        return None
    return event_study_chart(
        named(study, trial.called(language)), metric=trial.metric, grain=trial.effect.data.grain, language=language,
        theme="light", phone=phone,
    )  # fmt: skip


def _interval(trial: Trial, words: TrialWords, language: Language, phone: bool) -> alt.TopLevelMixin | None:
    if isinstance(trial.result, NotComputable):
        return None
    return effect_interval_chart(
        trial.result, metric=trial.metric, language=language, theme="light",
        worthwhile=worthwhile(trial.plan), phone=phone, description=words.size,
    )  # fmt: skip


Chart = Callable[[Trial, TrialWords, Language, bool], alt.TopLevelMixin | None]
PICTURES: dict[str, Chart] = {"before_after": _before_after, "effect": _interval}


def _inline(svg: str) -> str:
    """Let a picture follow the page's light or dark: its colours become the page's variables."""
    colours = {colour.lower(): name for name, colour in reversed(asdict(LIGHT).items()) if name != "primary"}

    def variable(found: re.Match[str]) -> str:
        name = colours.get(found[2].lower())
        return f'{found[1]}="var(--es-{name})"' if name else found[0]

    return re.sub(r'(fill|stroke)="(#[0-9A-Fa-f]{6})"', variable, svg).replace("<svg ", '<svg aria-hidden="true" ', 1)
