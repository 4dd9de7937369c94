"""What is true in the worked example: levels, noise, rollout and experiments, as nobody in it can see them.

Only the writer of the example's workbooks and the tests read this file; loaders and analytics never do. Weeks count
from the go-live of the first wave: week 0 starts on that Monday, history before it has negative numbers.
"""

from dataclasses import dataclass

from analytics.results import Direction
from data.types import Aggregation, CustomerOutcome, ExperimentState, Grain, MetricKind, SiteKind

FIRST_WEEK = -34
PILOT_WEEKS = 8
LAST_WEEK = 26  # the last complete week in the files; today stands in the week after it
RAMP_WEEKS = 3  # a site takes so long to feel the whole effect of its go-live
DAILY_PHI = 0.3
WEEKLY_PHI = 0.25
# A weekly mean of seven days with that correlation varies 1.97 times less than its days.
DAYS_PER_WEEK_SD = 1.97


@dataclass(frozen=True, slots=True)
class TrueMetric:
    """A metric with the process behind it. level, sd (of a weekly value) and go_live_change in its unit."""

    key: str
    unit: str
    direction: Direction
    kind: MetricKind
    frequency: Grain
    aggregation: Aggregation
    level: float
    sd: float
    go_live_change: float
    decimals: int
    low: float
    high: float
    outcome: CustomerOutcome | None = None
    weekday: tuple[float, ...] = (0, 0, 0, 0, 0, 0, 0)  # in SD of a day, Monday first
    target: float | None = None


METRICS = (
    TrueMetric("cycle_time", "d", Direction.DOWN, MetricKind.MEASURE, Grain.DAY, Aggregation.MEAN,
               13.1, 0.5, -3.2, 1, 1, 60, CustomerOutcome.CYCLE_TIME, (0.5, 0.2, 0, -0.1, -0.2, -0.2, -0.2), 10.0),
    TrueMetric("on_time", "%", Direction.UP, MetricKind.RATIO, Grain.DAY, Aggregation.WEIGHTED_MEAN,
               88.5, 1.1, 4.5, 1, 0, 100, CustomerOutcome.RELIABILITY, (-0.3, 0, 0.1, 0.1, 0.1, 0, 0), 95.0),
    TrueMetric("order_errors", "%", Direction.DOWN, MetricKind.RATIO, Grain.DAY, Aggregation.WEIGHTED_MEAN,
               6.2, 0.5, -1.6, 1, 0, 100, CustomerOutcome.ERRORS, target=4.0),
    TrueMetric("incidents", "", Direction.DOWN, MetricKind.COUNT, Grain.WEEK, Aggregation.SUM,
               1.1, 1.05, -0.3, 0, 0, 50, CustomerOutcome.RELIABILITY, target=1.0),
    TrueMetric("satisfaction", "/10", Direction.UP, MetricKind.SCORE, Grain.WEEK, Aggregation.MEAN,
               7.6, 0.2, 0.5, 1, 0, 10, None, target=8.3),
    TrueMetric("adherence", "%", Direction.UP, MetricKind.MEASURE, Grain.WEEK, Aggregation.MEAN,
               84.0, 1.8, 5.5, 1, 0, 100, None, target=92.0),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TrueSite:
    """A site: offset in SD of every metric, orders a day, its wave, planned and actual weeks of go-live."""

    key: str
    name: str
    code: str
    kind: SiteKind
    wave: int
    planned_week: int
    live_week: int | None
    offset_sd: float
    orders: int
    measured: bool = True


SITES = (
    TrueSite("lyon", "Lyon", "LYO", SiteKind.PLANT, 1, 0, 0, -0.6, 900),
    TrueSite("nantes", "Nantes", "NTE", SiteKind.PLANT, 1, 0, 0, -0.2, 540),
    TrueSite("lille", "Lille", "LIL", SiteKind.SUPPLY, 1, 0, 0, 0.1, 720),
    TrueSite("metz", "Metz", "MTZ", SiteKind.PLANT, 2, 8, 9, 0.7, 450),
    TrueSite("dijon", "Dijon", "DIJ", SiteKind.CUSTOMER_SERVICE, 2, 8, 9, 0.3, 360),
    TrueSite("tours", "Tours", "TUF", SiteKind.CUSTOMER_SERVICE, 2, 8, 9, -0.1, 330),
    TrueSite("brest", "Brest", "BES", SiteKind.PLANT, 2, 8, 9, 0.0, 420),
    TrueSite("rouen", "Rouen", "URO", SiteKind.PLANT, 3, 16, 17, 0.5, 390),
    TrueSite("angers", "Angers", "ANE", SiteKind.PLANT, 3, 16, 18, -0.3, 360),
    TrueSite("reims", "Reims", "RHE", SiteKind.PLANT, 3, 24, None, 0.6, 300),
    TrueSite("nancy", "Nancy", "ENC", SiteKind.SUPPLY, 3, 25, None, 0.8, 270),
    TrueSite("toulon", "Toulon", "TLN", SiteKind.PLANT, 4, 34, None, 0.2, 360),
    TrueSite("limoges", "Limoges", "LIG", SiteKind.BACK_OFFICE, 4, 34, None, 0.9, 240),
    TrueSite("amiens", "Amiens", "AMI", SiteKind.PLANT, 4, 34, None, 0.4, 330, measured=False),
    TrueSite("pau", "Pau", "PUF", SiteKind.PLANT, 4, 34, None, 0.1, 210, measured=False),
)


@dataclass(frozen=True, slots=True)
class TrueExperiment:
    """A practice tried at one site.

    effect_sd: the true change, in SD of one measurement (a day or a week, as the metric is measured), positive = better.
    """

    number: int
    key: str
    metric: str
    site: str
    start_week: int
    end_week: int
    effect_sd: float
    state: ExperimentState
    detectable: bool
    registered_days_before: int = 12
    published: bool = False
    smallest_sd: float = 1.0
    beside: tuple[str, ...] = ()  # comparison sites
    in_turn: tuple[tuple[str, int], ...] = ()  # further sites, each with the week of its own start


ENDED, RUNNING, PLANNED, ABANDONED = (
    ExperimentState.ENDED, ExperimentState.RUNNING, ExperimentState.PLANNED, ExperimentState.ABANDONED,
)  # fmt: skip

EXPERIMENTS = (
    TrueExperiment(1, "freeze_plan", "cycle_time", "nantes", 12, 22, 2.0, ENDED, True, 12, published=True),
    TrueExperiment(2, "supplier_check", "on_time", "lyon", 11, 20, 0.3, ENDED, False, 9, published=True),
    TrueExperiment(3, "single_queue", "cycle_time", "lille", 14, 23, 1.5, ENDED, True, 10, published=True),
    TrueExperiment(
        4,
        "daily_call",
        "on_time",
        "metz",
        19,
        25,
        0.0,
        ENDED,
        False,
        7,
        published=True,
        beside=("dijon", "tours", "lille"),
    ),
    TrueExperiment(5, "batch_orders", "cycle_time", "metz", 19, 26, -1.8, ENDED, True, 8, published=True),
    TrueExperiment(6, "order_template", "order_errors", "dijon", 19, 26, 1.6, ENDED, True, 14),
    TrueExperiment(7, "second_reader", "order_errors", "tours", 19, 26, 0.4, ENDED, False, 6),
    TrueExperiment(8, "call_back", "satisfaction", "lille", 17, 26, 0.4, ENDED, False, 10, published=True),
    TrueExperiment(9, "stock_buffer", "on_time", "brest", 19, 22, 0.5, ABANDONED, False, 11, published=True),
    TrueExperiment(10, "evening_shift", "on_time", "nantes", 20, 29, 1.2, RUNNING, True, 13),
    TrueExperiment(11, "visual_board", "adherence", "lyon", 19, 31, 0.0, RUNNING, False, 9),
    TrueExperiment(12, "shared_calendar", "cycle_time", "rouen", 29, 41, 1.0, PLANNED, True, 18),
)

# The practice of number 6 at further sites, where it does not do the same.
REPEATS = (
    TrueExperiment(13, "order_template", "order_errors", "lille", 20, 26, 1.1, ENDED, True, 11),
    TrueExperiment(14, "order_template", "order_errors", "nantes", 20, 26, 0.7, ENDED, False, 10),
    TrueExperiment(15, "order_template", "order_errors", "metz", 20, 26, 1.3, ENDED, True, 9),
)
# The practice of number 11 at sites that start one after another: it does nothing there either.
IN_TURN = (
    TrueExperiment(16, "visual_board", "adherence", "dijon", 20, 26, 0.0, ENDED, False, 9, beside=("lille",),
                   in_turn=(("tours", 21), ("metz", 22), ("brest", 23), ("nantes", 24))),
)  # fmt: skip
TRIALS = (*EXPERIMENTS, *REPEATS, *IN_TURN)


@dataclass(frozen=True, slots=True)
class TrueIncident:
    """Something that happened: a value added during one week, in SD of one measurement."""

    key: str
    site: str
    metric: str
    week: int
    added_sd: float


INCIDENTS = (
    TrueIncident("order_exchange_down", "nantes", "cycle_time", -8, 3.5),
    TrueIncident("carrier_strike", "lyon", "on_time", 5, -3.0),
    TrueIncident("label_printer", "dijon", "order_errors", 16, 2.5),
    TrueIncident("press_down", "brest", "cycle_time", 26, 3.0),  # last week: nobody has said yet what happened
)

GAPS = (("nantes", -2, 2), ("brest", 12, 2), ("lille", 3, 1))  # site, first week without a file, weeks
RESTATED = ("nantes", "cycle_time", 11, -0.9)  # site, metric, week and change in its unit, corrected in a later file
