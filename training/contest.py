"""A candidate and the champion before the same later records, which neither has seen.

Later means later than every record and result that either was fitted, stopped or calibrated on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from features.batch import feature_table
from features.catalog import feature_set
from features.store import Store
from models import Examples
from models.fitting import Progress
from models.registry import LoadedModel, Registry
from models.risk import FingerprintError
from training.dataset import labelled
from training.decision import Ground
from training.enough import LEAST_TO_JUDGE, is_enough
from training.groups import group_values
from training.judged import judged_shipments
from training.split import start_of_day

_INSTANT = pd.Timedelta(microseconds=1)


@dataclass(frozen=True)
class Contest:
    """Ranked shipments of one period, by the candidate and by the champion.

    Attributes
    ----------
    candidate, champion : the same shipments as `judged_shipments` gives them; no champion's
        without one, or when it cannot be scored.
    groups : each shipment's groups, in the candidate's order.
    """

    ground: Ground
    candidate: pd.DataFrame
    champion: pd.DataFrame | None
    groups: pd.DataFrame


@dataclass(frozen=True)
class _Contender:
    """A registered version, the version judged for it, and what that one has seen."""

    version: str
    judged: LoadedModel
    saw_until: pd.Timestamp

    @property
    def note(self) -> str | None:
        if self.judged.version == self.version:
            return None
        return (
            f"Version {self.version} was fitted again on everything known: nothing later is left "
            f"to judge it by, so version {self.judged.version}, the earlier fit, is judged for it."
        )


def contest(
    store: Store, registry: Registry, subject: str, version: str, progress: Progress
) -> Contest:
    """Let a version and the subject's champion rank the inspected records later than both."""
    features = feature_set(subject)
    table = feature_table(
        store, subject, progress=lambda done: progress("computing features", done)
    )
    labels = labelled(features, table, store.read("inspections"))
    candidate = _contender(registry, subject, version, labels)
    champion, notes = _champion(registry, subject, version, labels)
    both = [candidate] if champion is None else [candidate, champion]
    since = max(one.saw_until for one in both)
    later = labels.since(since)
    notes += [one.note for one in both if one.note]
    if not len(later):
        notes.append("No inspected record is later than what was learnt from.")
    ours = judged_shipments(candidate.judged.model, later)
    ground = Ground(
        subject=subject,
        version=version,
        judged=candidate.judged.version,
        champion=registry.champion_version(subject),
        champion_judged=champion.judged.version if champion else None,
        since=since.isoformat(),
        shipments=len(ours),
        offences=int(ours["outcome"].sum()),
        notes=tuple(notes),
    )
    theirs = judged_shipments(champion.judged.model, later) if champion else None
    return Contest(ground, ours, theirs, group_values(store, features, ours))


def _champion(
    registry: Registry, subject: str, version: str, labels: Examples
) -> tuple[_Contender | None, list[str]]:
    found = registry.champion_version(subject)
    if found is None:
        return None, ["There is no champion yet: calibration and ranking alone are judged."]
    if found == version:
        return None, ["This version is the champion already: it is judged on its own."]
    try:
        return _contender(registry, subject, found, labels), []
    except FingerprintError:
        note = (
            f"Champion {found} was fitted on another feature set, which this release can neither "
            "score nor serve: the version is judged on its own."
        )
        return None, [note]


def _contender(registry: Registry, subject: str, version: str, labels: Examples) -> _Contender:
    tags = registry.version(subject, version).tags
    loaded = registry.load(subject, version)
    own = _Contender(version, loaded, _saw_until(loaded, tags))
    if "evaluated_version" not in tags or _is_later(labels, own):
        return own
    earlier = registry.load(subject, tags["evaluated_version"])
    until = _saw_until(earlier, registry.version(subject, earlier.version).tags)
    return replace(own, judged=earlier, saw_until=until)


def _is_later(labels: Examples, one: _Contender) -> bool:
    return is_enough(labels.since(one.saw_until).outcome(), LEAST_TO_JUDGE)


def _saw_until(loaded: LoadedModel, tags: Mapping[str, str]) -> pd.Timestamp:
    """Find the first moment at which a record is new to a version."""
    saw: pd.Timestamp = pd.Timestamp(loaded.model.periods["known_last"]) + _INSTANT
    if tags.get("refit") == "true" or "evaluate_from" not in tags:
        return saw
    return max(saw, start_of_day(date.fromisoformat(tags["evaluate_from"])))
