"""Scoring a file of records with the champion: the store is read, nothing is stored.

A row also sees earlier rows of its own file, as it would had they been taken in before it; one that
withdraws a record is seen, and has no score.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.batch import feature_table
from features.catalog import RECORDS
from features.errors import TidewaiterError
from features.home import Home
from features.language import ENGLISH, Language
from features.records import pseudonymise
from features.records.files import CheckedFile, check_file
from features.store import Store
from models.assessment import Assessment, assess
from models.registry import LoadedModel, Registry
from models.wording import retold

__all__ = ["ScoredFile", "score_file"]

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class ScoredFile:
    """One assessment a subject, in order of first appearance, and the file they come from."""

    checked: CheckedFile
    loaded: LoadedModel
    assessed: list[Assessment]

    def scores(self, spoken: Language = ENGLISH) -> pd.DataFrame:
        """Give one row a subject: the score, with its sentences in a language."""
        return _scores(self.loaded, self.assessed, spoken)

    @property
    def contributions(self) -> pd.DataFrame:
        """One row a subject: every contribution."""
        return _contributions(self.loaded, self.assessed)


def score_file(
    home: Home, subject: str, path: Path, format_name: str | None, progress: Progress
) -> ScoredFile:
    """Score a file's accepted records."""
    if subject not in RECORDS:
        raise TidewaiterError(f"unknown subject {subject!r}; expected one of {', '.join(RECORDS)}")
    kind = RECORDS[subject]
    loaded = Registry(home).champion(subject)
    files = check_file(path, format_name)
    if kind not in files:
        raise TidewaiterError(f"{path}: expected {kind}, found {', '.join(files) or 'no rows'}")
    checked = files[kind]
    records = pseudonymise(checked.accepted, kind, home.pseudonym_key())
    with Store.open(home) as store:
        table = feature_table(store, subject, records, lambda done: progress("features", done))
    table = table[~records["cancelled"].to_numpy()]
    assessed = assess(loaded.model, table, progress=lambda done: progress("scoring", done))
    return ScoredFile(checked, loaded, assessed)


def _scores(loaded: LoadedModel, assessed: list[Assessment], spoken: Language) -> pd.DataFrame:
    offences = [f"risk_{name}" for name in loaded.model.offences]
    columns = ["id", "item_number", "risk", "channel", *offences, "reasons", "model_version"]
    columns += ["novel", "novelty"]
    said = [_said(loaded, one, spoken) for one in assessed]
    rows = [
        {
            "id": one.id,
            "risk": one.risk,
            "channel": one.channel,
            **{f"risk_{name}": risk for name, risk in one.offences.items()},
            "reasons": json.dumps(told["reasons"], ensure_ascii=False),
            "model_version": loaded.version,
            "novel": one.surprise.is_novel,
            "novelty": json.dumps(told["novelty"], ensure_ascii=False),
        }
        for one, told in zip(assessed, said, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(item_number=_item_numbers(loaded, assessed))


def _said(loaded: LoadedModel, one: Assessment, spoken: Language) -> dict[str, Any]:
    """Give reasons and novelty as the API does."""
    said = {"reasons": one.reasons, "novelty": one.novelty}
    if spoken is ENGLISH:
        return said
    return retold(loaded.model.features, said, one.features, spoken)


def _contributions(loaded: LoadedModel, assessed: list[Assessment]) -> pd.DataFrame:
    names = loaded.model.feature_names
    empty = np.empty((0, len(names)))
    values = np.vstack([empty, *(one.contributions for one in assessed)])
    frame = pd.DataFrame(values, columns=list(names))
    frame.insert(0, "id", [one.id for one in assessed])
    frame.insert(1, "item_number", _item_numbers(loaded, assessed))
    return frame.assign(
        base_value=np.array([one.base_value for one in assessed], dtype=np.float64),
        log_odds=np.array([one.log_odds for one in assessed], dtype=np.float64),
    )


def _item_numbers(loaded: LoadedModel, assessed: list[Assessment]) -> pd.Series[Any]:
    """Give the items' numbers; only goods have them."""
    numbers = pd.Series([one.item_number for one in assessed], dtype="Int64")
    has_items = "item_number" in loaded.model.features.identity
    return numbers.astype("int64") if has_items else numbers
