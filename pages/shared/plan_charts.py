"""The plan against what happened: key results on their way, and sites going live."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import altair as alt

from analytics.results import Pace, Progress
from pages.shared import chart_marks as marks
from pages.shared.chart_layout import Scale, spread
from pages.shared.chart_marks import Canvas, data, iso
from pages.shared.charts import finish
from pages.shared.theme import Theme, Tokens, tokens
from wording import Language, percent, say, value

if TYPE_CHECKING:
    from analytics.results_rollout import CompletionDate
    from analytics.results_trend import Forecast
    from data.types import Metric

ROW_HEIGHT = 78  # pixels from one key result to the next
_ABOVE, _BELOW = 38, 32  # pixels of words over the first line and under the last
MOST_BARS = 12  # forecasts beside the steps
WEDGE_REACH = 0.07  # a pace so near the target lifts the target's words above its wedge
LATE_ON_THE_AXIS = 0.82  # share of the width beyond which words stand to the left of a line
_FORECAST_REACH = 0.4  # a forecast further off than this share of the way does not widen the picture
_SHARE_ROOM = 0.16  # kept beyond what is drawn, for the words at both ends


@dataclass(frozen=True, slots=True)
class KeyResultLine:
    """One key result as drawn: its words, where it started, where it should end, where it is."""

    title: str
    metric: Metric
    baseline_value: float
    target_value: float
    progress: Progress | None  # None where there is no current value: the way is drawn, nothing on it
    forecast: Forecast | None = None  # at the due date, if the current trend holds

    def share_of(self, amount: float) -> float:
        """Tell how far from baseline (0) to target (1) a value of the metric lies."""
        return (amount - self.baseline_value) / (self.target_value - self.baseline_value)


@dataclass(frozen=True, slots=True)
class RolloutStep:
    """From this day on, so many sites."""

    day: dt.date
    sites: int


def key_result_chart(
    lines: Sequence[KeyResultLine], *, language: Language, theme: Theme, description: str | None = None
) -> alt.LayerChart:
    """Draw each key result on the way from its baseline (left) to its target (right), not clipped at either end.

    Black: the way made; its end says the pace by its shape; wedge: the pace expected today; green: the target.
    Grey bar with a tick: the forecast at the due date and its band, cut where it leaves the picture.
    """
    if not lines:
        msg = "no key result to draw"
        raise ValueError(msg)
    colour = tokens(theme)
    shares = [s for line in lines if line.progress for s in (line.progress.share, line.progress.expected_share)]
    middles = [line.share_of(line.forecast.estimate) for line in lines if line.forecast]
    shares += [min(max(middle, -_FORECAST_REACH), 1 + _FORECAST_REACH) for middle in middles]
    low, high = min([0.0, *shares]), max([1.0, *shares])
    room = (high - low) * _SHARE_ROOM
    way: list[marks.Row] = []
    made: list[marks.Row] = []
    words: list[marks.Row] = []
    ends: list[marks.Row] = []
    for index, line in enumerate(lines):
        y = -index
        way.append({"u": 0, "v": 1, "y": y})
        words += _fixed_words(line, y, low, colour, language)
        if line.progress:
            share = line.progress.share
            made.append({"u": 0, "v": share, "y": y})
            ends.append({"u": share, "y": y, "k": line.progress.pace.value, "w": line.progress.expected_share})
            current = value(line.progress.current_value, line.metric, language)
            words.append({"u": share, "y": y, "t": current, "c": colour.ink, "a": "center", "dy": 20, "b": 600})
    x = alt.X("u:Q", scale=alt.Scale(domain=[low - room * 0.1, high + room], nice=False, zero=False), axis=None)
    y_ = alt.Y(
        "y:Q",
        scale=alt.Scale(domain=[1 - len(lines) - _BELOW / ROW_HEIGHT, _ABOVE / ROW_HEIGHT], nice=False, zero=False),
        axis=None,
    )
    layers = [
        alt.Chart(data(way)).mark_rule(color=colour.rule, strokeWidth=2).encode(x=x, x2="v", y=y_),
        alt.Chart(data(way)).mark_tick(color=colour.soft, thickness=1.5, height=12).encode(x="u:Q", y="y:Q"),
        alt.Chart(data(way)).mark_tick(color=colour.target, thickness=2.5, height=22).encode(x="v:Q", y="y:Q"),
    ]
    layers += _forecast_bars(lines, low - room * 0.1, high + room * 0.5, colour)
    if ends:
        layers.append(alt.Chart(data(made)).mark_rule(color=colour.ink, strokeWidth=3).encode(x="u:Q", x2="v", y="y:Q"))
        layers.append(
            alt.Chart(data(ends)).mark_point(
                shape="M-1,-.8L1,-.8L0,.7Z", size=70, filled=True, fill=colour.ink, opacity=1, yOffset=-13
            ).encode(x="w:Q", y="y:Q")
        )  # fmt: skip
        layers.append(_pace_marks(ends, colour))
    layers += _word_layers(words)
    text = description if description is not None else _key_result_words(lines, language)
    height = _ABOVE + ROW_HEIGHT * (len(lines) - 1) + _BELOW
    return finish(layers, text, theme=theme, language=language, height=height)


def _forecast_bars(lines: Sequence[KeyResultLine], low: float, high: float, colour: Tokens) -> list[alt.Chart]:
    bars, middles = [], []
    for index, line in enumerate(lines):
        if line.forecast is None:
            continue
        ends = sorted(line.share_of(x) for x in (line.forecast.lower, line.forecast.upper))
        if ends[1] > low and ends[0] < high:
            bars.append({"u": max(ends[0], low), "v": min(ends[1], high), "y": -index})
        middle = line.share_of(line.forecast.estimate)
        if low <= middle <= high:
            middles.append({"u": middle, "y": -index})
    grey = {"color": colour.soft, "opacity": 0.4, "strokeWidth": 9}
    tick = {"color": colour.soft, "thickness": 2, "height": 17, "orient": "vertical"}
    found = [alt.Chart(data(bars)).mark_rule(**grey).encode(x="u:Q", x2="v", y="y:Q")] if bars else []
    return found + ([alt.Chart(data(middles)).mark_tick(**tick).encode(x="u:Q", y="y:Q")] if middles else [])


def _wedge_at_target(line: KeyResultLine) -> bool:
    """Whether the wedge of the expected pace would cover the target's words, as it does once the due date has come."""
    return line.progress is not None and abs(line.progress.expected_share - 1) < WEDGE_REACH


def _fixed_words(line: KeyResultLine, y: int, low: float, colour: Tokens, language: Language) -> list[marks.Row]:
    base = value(line.baseline_value, line.metric, language)
    goal = value(line.target_value, line.metric, language)
    return [
        {"u": low, "y": y, "t": line.title, "c": colour.ink, "a": "left", "dy": -28, "b": 600},
        {"u": 0, "y": y, "t": base, "c": colour.soft, "a": "left", "dy": 20, "b": 400},
        {
            "u": 1,
            "y": y,
            "t": goal,
            "c": colour.target,
            "a": "center",
            "dy": -26 if _wedge_at_target(line) else -20,
            "b": 600,
        },
    ]


def _word_layers(words: Sequence[marks.Row]) -> list[alt.Chart]:
    kinds = sorted({(row["a"], row["dy"], row["b"]) for row in words})
    return [
        alt.Chart(data([{k: row[k] for k in "uytc"} for row in words if (row["a"], row["dy"], row["b"]) == kind]))
        .mark_text(align=kind[0], dy=kind[1], fontWeight=kind[2], baseline="middle")
        .encode(x="u:Q", y="y:Q", text="t:N", color=alt.Color("c:N", scale=None, legend=None))
        for kind in kinds
    ]


def _pace_marks(ends: Sequence[marks.Row], colour: Tokens) -> alt.Chart:
    looks = {
        Pace.AHEAD: ("diamond", colour.better),
        Pace.ON_PACE: ("circle", colour.bg),
        Pace.BEHIND: ("square", colour.worse),
    }
    present = [pace for pace in looks if any(row["k"] == pace.value for row in ends)]
    domain = [pace.value for pace in present]
    edge = [colour.ink if pace is Pace.ON_PACE else looks[pace][1] for pace in present]
    return alt.Chart(data(ends)).mark_point(size=105, filled=False, opacity=1, strokeWidth=2).encode(
        x="u:Q",
        y="y:Q",
        shape=alt.Shape("k:N", scale=alt.Scale(domain=domain, range=[looks[p][0] for p in present]), legend=None),
        fill=alt.Fill("k:N", scale=alt.Scale(domain=domain, range=[looks[p][1] for p in present]), legend=None),
        stroke=alt.Stroke("k:N", scale=alt.Scale(domain=domain, range=edge), legend=None),
    )  # fmt: skip


def _key_result_words(lines: Sequence[KeyResultLine], language: Language) -> str:
    items = [
        say(
            "charts.key_results.item",
            language,
            title=line.title,
            value=value(line.progress.current_value, line.metric, language) if line.progress else "–",
            target=value(line.target_value, line.metric, language),
        )
        for line in lines
    ]
    words = say("charts.key_results", language, items=say("charts.separator", language).join(items))
    ahead = [_forecast_words(line, line.forecast, language) for line in lines if line.forecast]
    if not ahead:
        return words
    return f"{words} {say('forecast_view.alt', language, items=say('charts.separator', language).join(ahead))}"


def _forecast_words(line: KeyResultLine, found: Forecast, language: Language) -> str:
    amounts = {name: value(getattr(found, name), line.metric, language) for name in ("estimate", "lower", "upper")}
    return say(
        "forecast_view.alt.item", language, title=line.title, chance=percent(found.chance, language, 0), **amounts
    )


def rollout_chart(
    live: Sequence[RolloutStep],
    planned: Sequence[RolloutStep],
    *,
    today: dt.date,
    total: int,
    language: Language,
    theme: Theme,
    description: str | None = None,
    ahead: Sequence[CompletionDate] = (),
) -> alt.LayerChart:
    """Draw sites live (black steps, up to today) against the plan (green long dashes), with a line at today.

    live, planned: oldest first, each the number of sites from that day on; either may be empty, not both.
    ahead: when each further site is likely live, a grey bar with a tick at its middle; at most MOST_BARS are drawn.
    """
    days = [step.day for step in (*live, *planned)]
    if not days:
        msg = "neither a plan nor a site live"
        raise ValueError(msg)
    first, last = min(days), max([*days, today])
    bars = (
        [ahead[i] for i in sorted({round(k * (len(ahead) - 1) / (MOST_BARS - 1)) for k in range(MOST_BARS)})]
        if ahead
        else []
    )
    edge = last + max(last - first, dt.timedelta(days=90))  # a bar that runs on for years is cut here
    last = max([last, *(min(bar.upper, edge) for bar in bars)])
    end = last + max((last - first) * 0.06, dt.timedelta(days=7))
    height = 196
    top = total * 1.12
    scale = Scale(0.0, float(total), top, _site_ticks(live, planned, total), height)
    canvas = Canvas(first, end, last, scale, tokens(theme), True)
    now = max((s.sites for s in live if s.day <= today), default=0)
    due = max((s.sites for s in planned if s.day <= today), default=0)
    layers = [
        marks.bounds(canvas),
        _steps(canvas, planned, end, color=canvas.colour.target, strokeDash=marks.LONG_DASH, strokeWidth=2),
        *_bars(canvas, bars),
        _steps(canvas, [s for s in live if s.day <= today], today, color=canvas.colour.ink, strokeWidth=2.2),
        alt.Chart(data([{"x": iso(today)}])).mark_rule(color=canvas.colour.soft, strokeWidth=1).encode(x=canvas.x()),
        alt.Chart(data([{"x": iso(today), "y": now}])).mark_point(
            filled=True, size=55, color=canvas.colour.ink, opacity=1
        ).encode(x=canvas.x(), y=canvas.y()),
        *_today_words(canvas, today, now, due, language),
    ]  # fmt: skip
    words = description or say("charts.rollout", language, live=now, planned=due, total=total)
    return finish(layers, words, theme=theme, language=language, height=height)


def _site_ticks(live: Sequence[RolloutStep], planned: Sequence[RolloutStep], total: int) -> tuple[float, ...]:
    levels = sorted({step.sites for step in (*planned, *live)} | {total})
    wanted = [levels[-1]]
    for level in reversed(levels):
        if wanted[-1] - level >= total * 0.2:
            wanted.append(level)
    return tuple(float(level) for level in reversed(wanted))


def _steps(canvas: Canvas, steps: Sequence[RolloutStep], end: dt.date, **style: Any) -> alt.Chart:
    rows = [{"x": iso(step.day), "y": step.sites} for step in steps]
    if steps:
        rows.append({"x": iso(max(end, steps[-1].day)), "y": steps[-1].sites})
    return alt.Chart(data(rows)).mark_line(interpolate="step-after", **style).encode(x=canvas.x(), y=canvas.y())


def _bars(canvas: Canvas, bars: Sequence[CompletionDate]) -> list[alt.Chart]:
    if not bars:
        return []
    rows = [
        {
            "x": iso(bar.lower),
            "x2": iso(min(max(bar.upper, bar.lower + dt.timedelta(days=1)), canvas.last)),
            "y": bar.sites,
        }
        for bar in bars
        if bar.lower < canvas.last
    ]
    middles = [{"x": iso(bar.middle), "y": bar.sites} for bar in bars if bar.middle < canvas.last]
    grey = {"color": canvas.colour.soft, "opacity": 0.45, "strokeWidth": 7}
    return [
        alt.Chart(data(rows)).mark_rule(**grey).encode(x=canvas.x(), x2="x2", y=canvas.y()),
        alt.Chart(data(middles)).mark_tick(color=canvas.colour.soft, thickness=2, height=13, orient="vertical").encode(
            x=canvas.x(), y=canvas.y()
        ),
    ]  # fmt: skip


def _today_words(canvas: Canvas, today: dt.date, now: int, due: int, language: Language) -> list[alt.Chart]:
    colour = canvas.colour
    heights = spread([float(now), float(due)], marks.LABEL_GAP * canvas.scale.per_pixel)
    late = (today - canvas.first) / (canvas.last - canvas.first) > LATE_ON_THE_AXIS
    side: dict[str, Any] = {"align": "right" if late else "left", "dx": -8 if late else 8}
    here = iso(today)
    layers = [
        marks.texts(canvas, [{"x": here, "y": heights[0], "t": say("charts.live", language, n=now)}],
                    color=colour.ink, fontWeight=600, baseline="top", dy=5, **side),
        marks.texts(canvas, [{"x": here, "y": canvas.scale.low, "t": say("charts.today", language)}],
                    color=colour.soft, baseline="bottom", dy=-4, **side),
    ]  # fmt: skip
    if due:
        text = say("charts.planned", language, n=due)
        layers.append(
            marks.texts(canvas, [{"x": here, "y": heights[1], "t": text}], color=colour.target, fontWeight=600,
                        baseline="bottom", dy=-5, align="right", dx=-8)
        )  # fmt: skip
    return layers
