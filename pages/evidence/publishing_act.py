"""Publishing a finished trial: its page is computed once, frozen with its hash, and never computed again."""

from __future__ import annotations

import datetime as dt

from data.access import Actor, Permission, allowed
from data.publications import publish
from data.series import MetricSeries
from data.store import Store
from data.types import Publication
from pages.evidence.frozen import frozen_files
from pages.evidence.trial import gather
from pages.evidence.words import TrialWords
from pages.shared.trial_readings import code_version


def publish_experiment(
    store: Store, actor: Actor, experiment_id: str, slug: str, *, masked: bool = False
) -> Publication:
    """Publish a finished trial at /evidence/<slug>, whatever it came to.

    masked: sites are called by letters, and whoever validated by their role.
    Raises Forbidden, or Refused "experiment_not_over", "plan_not_frozen", "slug_unfit", "slug_taken", "unknown_record".
    """
    with store.read() as cursor:
        trial = gather(cursor, experiment_id, masked=masked)
    files = frozen_files(trial, published_on=store.today().isoformat())
    page = Publication(
        id="",
        slug=slug,
        experiment_id=experiment_id,
        title_fr=TrialWords(trial, "fr").title,
        title_en=TrialWords(trial, "en").title,
        data_date=_data_date(trial.series, store),
        content_hash="",
        method_version=trial.effect.method,
        code_version=code_version(),
    )
    return publish(store, actor, page, files)


def may_publish(actor: Actor, site_ids: tuple[str, ...], permission: Permission = Permission.PUBLISH) -> bool:
    """Tell whether a person may publish, or withdraw, for every site of a plan."""
    return bool(site_ids) and all(allowed(actor, permission, site_id=site_id) for site_id in site_ids)


def _data_date(series: MetricSeries | None, store: Store) -> dt.date:
    return store.today() if series is None else series.data_date
