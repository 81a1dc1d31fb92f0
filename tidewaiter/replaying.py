"""Replaying a score: its features through its model version again, held to the last bit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.catalog import FeatureSet
from features.errors import TidewaiterError
from features.home import Home
from features.store import Store
from models.assessment import Assessment, assess
from models.registry import Registry

__all__ = ["Replayed", "replay"]


@dataclass(frozen=True)
class Replayed:
    """A kept score and what its model says of its features now.

    Attributes
    ----------
    figures : dict of str to tuple
        By name, the figure that was kept and the one that came now; so for every offence and every
        reason's contribution.
    """

    score_id: str
    subject: str
    record_id: str
    model_version: str
    fingerprint: str
    figures: dict[str, tuple[object, object]]

    @property
    def differing(self) -> list[str]:
        """Name the figures that are not the same to the last bit."""
        return [name for name, (kept, now) in self.figures.items() if kept != now]


def replay(home: Home, score_id: str) -> Replayed:
    """Score what a kept score was made from once more.

    Raises
    ------
    TidewaiterError
        Where there is no such score, or its model is of features that are declared otherwise now.
    """
    with Store.open(home) as store:
        row = store.read_score(score_id)
    if row is None:
        raise TidewaiterError(f"expected the id of a stored score, got {score_id!r}")
    loaded = Registry(home).load(row["subject"], row["model_version"])
    columns = _columns(loaded.model.features, row)
    body = json.loads(row["body"])
    [again] = assess(loaded.model, columns, limit=len(body["reasons"]))
    told = (row["score_id"], row["subject"], row["record_id"], loaded.version, row["fingerprint"])
    return Replayed(*told, _compared(row, body, again))


def _columns(features: FeatureSet, row: Mapping[str, Any]) -> dict[str, Any]:
    """Lay a kept row out as a feature table of one row."""
    if row["fingerprint"] != features.fingerprint:
        raise TidewaiterError(
            f"expected features of fingerprint {row['fingerprint']}, which the score was made"
            f" from; version {row['model_version']} is of {features.fingerprint}"
        )
    values = row["features"]
    identity = {
        features.identity[0]: np.array([row["record_id"]], dtype=object),
        "known_at": np.array([row["known_at"]], dtype="int64").view("datetime64[us]"),
    }
    if "item_number" in features.identity:
        identity["item_number"] = np.array([row["item_number"]])
    return identity | {
        feature.name: np.array(
            [values[feature.name]], dtype=float if feature.kind == "number" else object
        )
        for feature in features.features
    }


def _compared(
    row: Mapping[str, Any], body: Mapping[str, Any], again: Assessment
) -> dict[str, tuple[object, object]]:
    figures: dict[str, tuple[object, object]] = {
        name: (row[name], getattr(again, name))
        for name in ("risk", "log_odds", "base_value", "channel")
    }
    figures["other_contribution"] = (body["other_contribution"], again.other_contribution)
    for offence, risk in body["offences"].items():
        figures[f"risk_{offence}"] = (risk, again.offences.get(offence))
    contributions = {reason["feature"]: reason["contribution"] for reason in again.reasons}
    for reason in body["reasons"]:
        name = reason["feature"]
        figures[f"contribution of {name}"] = (reason["contribution"], contributions.get(name))
    novelty = body.get("novelty") or {}
    for name in ("surprisal", "threshold"):
        figures[name] = (novelty.get(name), again.novelty[name])
    return figures
