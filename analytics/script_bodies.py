"""The scripts that repeat an effect outside the app, as text: numpy and nothing of ours.

Each is written anew from the method's description, not copied from the code that it checks. `script` puts the data in
front of it.
"""

STUDENT = '''

def student_share_below(x, degrees):
    """Share of Student's t below x, whole degrees of freedom (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4)."""
    angle = np.arctan(np.asarray(x, dtype=float) / np.sqrt(degrees))
    cosine, odd = np.cos(angle), degrees % 2
    term = cosine if odd else np.ones_like(cosine)
    total = term if degrees > 1 else np.zeros_like(cosine)
    for step in range(2 + odd, degrees, 2):
        term = term * (step - 1) / step * cosine**2
        total = total + term
    within = np.sin(angle) * total
    return 0.5 + (2 / np.pi * (angle + within) if odd else within) / 2


def found_by_halving(share_below, share, low, high):
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if share_below(middle) < share else (low, middle)
    return (low + high) / 2
'''

SINGLE_SITE = (
    STUDENT
    + """

values, weights = np.array(VALUES, dtype=float), np.array(WEIGHTS, dtype=float)
places, after = np.array(PLACES), np.array(AFTER, dtype=bool)

# 1. The scale of the model.
if SCALE == "log":
    observed, to_unit = np.log(values), np.exp
elif SCALE == "logit":
    share = (values * weights + 0.5) / (weights + 1) if WEIGHTED else values
    observed, to_unit = np.log(share / (1 - share)), lambda level: 1 / (1 + np.exp(-level))
else:
    observed, to_unit = values, lambda level: level

# 2. What the level is allowed to follow: a step at the start, and the terms declared beforehand.
columns = [np.ones(len(values)), after.astype(float)]
if "trend" in TERMS:
    columns.append(places - places.mean())
if "weekday" in TERMS:
    weekdays = np.array(WEEKDAYS)
    columns += [(weekdays == day).astype(float) for day in np.unique(weekdays)[1:]]
root = np.sqrt(weights / weights.mean())
design, outcome = np.column_stack(columns) * root[:, None], observed * root
n, k = design.shape

# 3. A fit at each correlation phi between neighbours; phi to the power of the gap between two points.
phi = np.array(PHI)
gaps = np.diff(places)
effects, errors, logs = [], [], []
for one in phi:
    r = one**gaps
    scale = np.sqrt(1 - r**2)
    x = np.vstack([design[:1], (design[1:] - r[:, None] * design[:-1]) / scale[:, None]])
    y = np.append(outcome[0], (outcome[1:] - r * outcome[:-1]) / scale)
    inverse = np.linalg.inv(x.T @ x)
    fitted = inverse @ x.T @ y
    rest = ((y - x @ fitted) ** 2).sum()
    effects.append(fitted[1])
    errors.append(np.sqrt(rest / (n - k) * inverse[1, 1]))
    logs.append(-(n - k) / 2 * np.log(rest) - np.log(scale).sum() + np.linalg.slogdet(inverse)[1] / 2)
effects, errors, logs = np.array(effects), np.array(errors), np.array(logs)

# 4. The fits averaged, each by its restricted likelihood and the stretch of phi that it stands for.
stretch = np.gradient(phi)
stretch[[0, -1]] /= 2
weight = np.exp(logs - logs.max()) * stretch
weight /= weight.sum()


def share_below(x):
    return float((weight * student_share_below((x - effects) / errors, n - k)).sum())


tail = (1 - CONFIDENCE) / 2
reach = 1e3 * errors.max()
ends = [found_by_halving(share_below, q, effects.min() - reach, effects.max() + reach) for q in (tail, 1 - tail)]
below = share_below(0.0)

# 5. Back in the metric's unit, as seen from the level before.
level = np.average(observed[~after], weights=weights[~after])
estimate, lower, upper = (float(to_unit(level + x) - to_unit(level)) for x in ((weight * effects).sum(), *ends))
found = {"estimate": estimate, "lower": lower, "upper": upper, "p_value": max(0.0, 2 * min(below, 1 - below))}
"""
)

COMPARISON = (
    STUDENT
    + """

after, treated = np.array(AFTER, dtype=bool), np.array(TREATED, dtype=bool)

# 1. Each site as one number: its mean after minus its mean before, by denominator where there is one.
changes = []
for site in VALUES:
    values, weights = np.array(VALUES[site], dtype=float), np.array(WEIGHTS[site], dtype=float)
    known = ~np.isnan(values) & (weights > 0)
    means = [np.average(values[known & side], weights=weights[known & side]) for side in (after, ~after)]
    changes.append(means[0] - means[1])
changes = np.array(changes)

# 2. Treated less others, with one spread for all sites and Student's t.
n, n_treated = len(treated), int(treated.sum())
estimate = changes[treated].mean() - changes[~treated].mean()
squares = sum(((group - group.mean()) ** 2).sum() for group in (changes[treated], changes[~treated]))
error = np.sqrt(squares / (n - 2) * (1 / n_treated + 1 / (n - n_treated)))
half = found_by_halving(lambda x: float(student_share_below(x, n - 2)), (1 + CONFIDENCE) / 2, 0.0, 1e6) * error

# 3. All ways to pick as many sites, or the drawn ones, with a difference as large.
if math.comb(n, n_treated) <= MOST_ASSIGNMENTS:
    ways = [np.isin(np.arange(n), picked) for picked in itertools.combinations(range(n), n_treated)]
else:
    rng = np.random.default_rng(SEED)
    ways = [treated, *(np.argsort(rng.random((MOST_ASSIGNMENTS - 1, n)), axis=1) < n_treated)]
slack = 1e-9 * np.abs(changes).max()
as_large = [abs(changes[way].mean() - changes[~way].mean()) >= abs(estimate) - slack for way in ways]
found = {
    "estimate": float(estimate),
    "lower": float(estimate - half),
    "upper": float(estimate + half),
    "p_value": float(np.mean(as_large)),
}
"""
)

ROLLOUT = '''

observed = np.array([VALUES[site] for site in VALUES], dtype=float)
dates, adopters = np.array(FIRST_TREATED), np.array(ADOPTERS)
n_sites, n_periods = observed.shape
measured, y = ~np.isnan(observed), np.nan_to_num(observed)
truly_treated = (np.arange(n_periods) >= dates[:, None]).astype(float)


def estimates(first_treated):
    """Mean of treated cells beyond site and period effects of untreated cells: of the values, and of the effect."""
    treated = np.arange(n_periods) >= first_treated[:, None]
    free = measured & ~treated
    wanted = measured & treated & free.any(axis=1)[:, None] & free.any(axis=0)
    if not wanted.any():
        return np.nan, np.nan

    def rows(cells):
        site, period = np.nonzero(cells)
        return np.eye(n_sites + n_periods)[site] + np.eye(n_sites + n_periods)[n_sites + period]

    target, known = rows(wanted).mean(axis=0), rows(free)
    weights = np.linalg.lstsq(known.T, target, rcond=None)[0]
    if np.abs(known.T @ weights - target).max() > 1e-8:
        return np.nan, np.nan
    return tuple(cells[wanted].mean() - weights @ cells[free] for cells in (y, truly_treated))


def dealt(sites, sizes):
    """Every way to deal sites out to waves of these sizes."""
    if not sizes:
        yield ()
        return
    for wave in itertools.combinations(sites, sizes[0]):
        for others in dealt([site for site in sites if site not in wave], sizes[1:]):
            yield wave + others


# 1. Other orders of adoption, the true one among them: all of them, or as drawn.
waves = [adopters[dates[adopters] == date] for date in np.unique(dates[adopters])]
n_all = math.factorial(len(adopters)) // math.prod(math.factorial(len(wave)) for wave in waves)
if n_all <= MOST_ORDERS:
    holders, takers = np.concatenate(waves), list(dealt(adopters.tolist(), [len(wave) for wave in waves]))
else:
    rng = np.random.default_rng(SEED)
    holders = adopters
    takers = [adopters, *rng.permuted(np.broadcast_to(adopters, (MOST_ORDERS - 1, len(adopters))), axis=1)]

# 2. The estimate under each; an effect t taken away leaves E - t in the true order and A - t B in another.
true = estimates(dates)[0]
lows, highs, as_large = [], [], []
for order in takers:
    other_dates = dates.copy()
    other_dates[list(order)] = dates[holders]
    other, exposure = estimates(other_dates)
    if np.isnan(other) or abs(exposure) >= 1 - 1e-9:
        ends = (-np.inf, np.inf)
    else:
        ends = sorted([(true - other) / (1 - exposure), (true + other) / (1 + exposure)])
    lows.append(ends[0])
    highs.append(ends[1])
    as_large.append(np.isnan(other) or abs(other) >= abs(true) - 1e-9 * np.abs(y).max())

# 3. The interval leaves out the effects that too few orders reach.
allowed = math.floor((1 - CONFIDENCE) * len(takers) + 1e-9)
found = {
    "estimate": float(true),
    "lower": float(np.sort(lows)[allowed]),
    "upper": float(np.sort(highs)[len(takers) - 1 - allowed]),
    "p_value": float(np.mean(as_large)),
}
'''

REPORT = """
for name, number in found.items():
    print(f"{name:<10}{number:>20.10g}   the app: {THE_APP[name]:.10g}")
# The app leaves out of its average the phi that weigh less than one in a hundred million.
same = all(math.isclose(found[name], THE_APP[name], rel_tol=1e-6, abs_tol=1e-6 * (name == "p_value")) for name in found)
print("the same" if same else "NOT the same")
raise SystemExit(0 if same else 1)
"""
