"""Hindsight: models beside the hidden truth of a simulated world, which no agency ever has.

The invariant: truth judges, and nothing learns from it, but for leaving one typology's records out
of the training.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.catalog import RECORDS, FeatureSet
from features.errors import TidewaiterError
from models import Examples, FitSettings, RiskModel, fit_model
from models.examples import FOUND
from training.judged import judged_shipments
from training.split import Split, start_of_day

__all__ = ["Hindsight", "typology_rows"]

ALL = "all"


@dataclass(frozen=True)
class Hindsight:
    """All traffic since a day, whether anyone looked or not, with what was really in it.

    Attributes
    ----------
    features : of the subject.
    truth : one row a goods item (or crossing) by its identity: ``offence``, ``typology`` and
        ``inspected``, whether the policy of the time had its subject inspected.
    table : feature table of the traffic.
    inspections : of the same world.
    """

    features: FeatureSet
    truth: pd.DataFrame
    table: pd.DataFrame
    inspections: pd.DataFrame

    @classmethod
    def read(
        cls,
        folder: Path,
        features: FeatureSet,
        table: pd.DataFrame,
        data: Split,
        found: pd.DataFrame,
    ) -> Hindsight:
        """Read the truth that `simulate` wrote into a folder.

        Parameters
        ----------
        table : feature table of all records.
        data : whose evaluation says from when on traffic is judged.
        found : the world's inspections.
        """
        path = folder / f"{RECORDS[features.subject]}.parquet"
        if not path.exists():
            raise TidewaiterError(f"{path}: expected the truth of a simulated world, found nothing")
        traffic = table.loc[table["known_at"] >= start_of_day(data.evaluate_from)]
        ours = found.loc[found["subject"].eq(features.subject)]
        return cls(features, pd.read_parquet(path), traffic.reset_index(drop=True), ours)

    @property
    def _identity(self) -> list[str]:
        return [name for name in self.features.identity if name != "known_at"]

    def of(self, table: pd.DataFrame) -> pd.DataFrame:
        """Give the truth of every row of a feature table."""
        return table[self._identity].merge(self.truth, on=self._identity, how="left")

    @property
    def examples(self) -> Examples:
        """The traffic, labelled with what is there, as if every control found everything."""
        known = self.of(self.table)
        offends = known["offence"].notna()
        labels = pd.DataFrame(
            {
                "outcome": offends,
                "random": False,
                "label_known_at": self.table["known_at"],
                "selection_probability": np.nan,
                "revenue": np.nan,
                "weight": 1.0,
            }
        )
        for offence in sorted(known["offence"].dropna().unique()):
            labels[FOUND + str(offence)] = known["offence"].eq(offence).fillna(value=False)
        return Examples(self.table, labels)

    @property
    def subjects(self) -> pd.DataFrame:
        """One row a shipment (or crossing), by its id: typology (missing: honest), inspected."""
        known = self.of(self.table)
        return known.groupby(self._identity[0])[["typology", "inspected"]].first()

    def caught(self, model: RiskModel) -> pd.Series[bool]:
        """Say by id which subjects a model would have had inspected, at the policy's capacity."""
        ranked = judged_shipments(model, self.examples)[self._identity[0]]
        capacity = int(self.subjects["inspected"].sum())
        return pd.Series(np.arange(len(ranked)) < capacity, index=pd.Index(ranked))

    @property
    def found(self) -> pd.Series[bool]:
        """Say by id in which subjects the controls of the time found an offence."""
        hits = self.inspections.loc[self.inspections["result"].eq("offence"), "subject_id"]
        ids = self.subjects.index
        return pd.Series(ids.isin(hits.tolist()), index=ids)

    def without(self, training: Examples, typology: str) -> Examples:
        """Leave the records of a typology out of the training."""
        return training.take(~self.of(training.table)["typology"].eq(typology).to_numpy(dtype=bool))


def typology_rows(
    hindsight: Hindsight, model: RiskModel, training: Examples, settings: FitSettings
) -> list[dict[str, Any]]:
    """Give shares of what offends that an inspection at the policy's capacity would reach.

    Returns
    -------
    A row for all typologies and one for each: ``offending`` subjects; the shares of them that the
    policy of the time inspected (``policy``) and found (``policy_found``), that the ``model`` would
    have had inspected, and that one trained without that typology would (``model_without``); for
    all of them also the ``capacity``, what ``oracle`` and lot (``random``) would reach.
    """
    subjects, caught = hindsight.subjects, hindsight.caught(model)
    offends = subjects["typology"].notna()
    capacity, count = int(subjects["inspected"].sum()), int(offends.sum())
    rows = [
        _shares(hindsight, offends, ALL, caught)
        | {
            "capacity": capacity,
            "oracle": min(1.0, capacity / max(count, 1)),
            "random": capacity / len(subjects),
        }
    ]
    # Only the overall risk ranks.
    settings = replace(settings, offence_positives=len(training) + 1)
    for typology in sorted(subjects["typology"].dropna().unique()):
        left = hindsight.without(training, str(typology))
        blind = fit_model(model.features, left, settings, np.random.default_rng(settings.seed))
        chosen = subjects["typology"].eq(typology).fillna(value=False)
        row = _shares(hindsight, chosen, str(typology), caught)
        row["model_without"] = float(hindsight.caught(blind)[chosen.index[chosen]].mean())
        rows.append(row)
    return rows


def _shares(
    hindsight: Hindsight, chosen: pd.Series[bool], name: str, caught: pd.Series[bool]
) -> dict[str, Any]:
    ids = chosen.index[chosen]
    return {
        "typology": name,
        "offending": len(ids),
        "policy": float(hindsight.subjects["inspected"][ids].mean()),
        "policy_found": float(hindsight.found[ids].mean()),
        "model": float(caught[ids].mean()),
    }
