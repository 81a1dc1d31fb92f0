"""Ablate a subject's model on what the store knows, and record it in an MLflow run of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.entities import Metric

from features.batch import feature_table
from features.catalog import feature_set
from features.home import Home
from features.store import Store
from models import FitSettings
from models.fitting import Progress, silent
from models.registry import Registry
from training.ablation import ablation, step_rows
from training.hindsight import Hindsight, typology_rows
from training.keeping import Ground, Keeper
from training.record import RunRecord, recorded
from training.split import Split, split


@dataclass(frozen=True)
class Ablated:
    """What each family adds.

    Attributes
    ----------
    inspected : a row a step, judged by what inspections found.
    traffic : of a simulated world, the same judged by the truth of all traffic.
    typologies : of a simulated world, shares reached by typology, with and without it in training.
    """

    subject: str
    evaluate_from: date
    inspected: list[dict[str, Any]]
    traffic: list[dict[str, Any]]
    typologies: list[dict[str, Any]]

    @classmethod
    def of(
        cls,
        subject: str,
        data: Split,
        settings: FitSettings,
        hindsight: Hindsight | None = None,
    ) -> Ablated:
        """Ablate on labelled records cut in time, and beside the truth where it is known."""
        evaluations = {"inspected": data.evaluation}
        if hindsight is not None:
            evaluations["traffic"] = hindsight.examples
        steps = ablation(subject, data.training, evaluations, settings)
        inspected = step_rows(steps, "inspected")
        if hindsight is None:
            return cls(subject, data.evaluate_from, inspected, [], [])
        traffic = step_rows(steps, "traffic")
        typologies = typology_rows(hindsight, steps[-1].model, data.training, settings)
        return cls(subject, data.evaluate_from, inspected, traffic, typologies)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Name the tables that there are."""
        named = {
            "inspected": self.inspected,
            "simulated_traffic": self.traffic,
            "simulated_typologies": self.typologies,
        }
        return {name: pd.DataFrame(rows) for name, rows in named.items() if rows}

    def to_json(self) -> dict[str, Any]:
        """Give the result as one object, figures that are undefined as null."""
        head = {"subject": self.subject, "evaluate_from": self.evaluate_from.isoformat()}
        rows = {
            name: [_defined(row) for row in table.to_dict("records")]
            for name, table in self.tables.items()
        }
        return head | rows


def ablate(  # noqa: PLR0913 - what the command offers, each with a default
    store: Store,
    home: Home,
    subject: str,
    *,
    evaluate_from: date | None = None,
    truth: Path | None = None,
    settings: FitSettings | None = None,
    progress: Progress = silent,
) -> Ablated:
    """Fit with one family of records more at a time, and record what each adds.

    Parameters
    ----------
    evaluate_from : by default the first day of the last quarter with outcomes.
    truth : folder of the truth of a simulated world, whose records the store holds.
    """
    features, settings = feature_set(subject), settings or FitSettings()
    table = feature_table(
        store, subject, progress=lambda done: progress("computing features", done)
    )
    inspections = store.read("inspections")
    data = split(features, table, inspections, evaluate_from)
    progress("fitting family by family", 0.0)
    hindsight = truth and Hindsight.read(truth, features, table, data, inspections)
    result = Ablated.of(subject, data, settings, hindsight or None)
    name = f"{subject} ablation evaluated from {data.evaluate_from}"
    registry, ground = Registry(home), Ground.of(features.fingerprint, data)
    with recorded(registry, subject, name) as record:
        _note(record, result, ground)
    shown = Keeper(registry, subject).show_ablation(record.run_id, ground, result.to_json())
    told = f"recorded, and on the page of version {', '.join(shown)}" if shown else "recorded"
    progress(told, 1.0)
    return result


def _note(record: RunRecord, result: Ablated, ground: Ground) -> None:
    """Note figures by family, and the tables as files."""
    now_ms, client = record.run.info.start_time, record.registry.client
    metrics = [
        Metric(f"{name}/{kind}/{row['families'].split('+')[-1]}", float(value), now_ms, 0)
        for kind in ("inspected", "simulated_traffic")
        if kind in result.tables
        for row in result.tables[kind].to_dict("records")
        for name, value in row.items()
        if name != "families" and pd.notna(value)
    ]
    client.log_batch(record.run_id, metrics=metrics)
    Keeper(record.registry, result.subject).keep_ablation(record.run_id, ground, result.to_json())
    for name, table in result.tables.items():
        client.log_text(record.run_id, table.to_csv(index=False), f"ablation/{name}.csv")


def _defined(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(name): None if pd.isna(value) else value for name, value in row.items()}
