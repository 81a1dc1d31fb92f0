"""Train a subject's model on what the store knows: fit, evaluate, record, register.

The figures always belong to a model that saw nothing of the evaluation period.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from features.batch import feature_table
from features.catalog import FeatureSet, feature_set
from features.errors import TidewaiterError
from features.home import Home
from features.store import Store
from models import Examples, FitSettings, RiskModel, fit_model
from models.fitting import Progress, silent
from models.growing import ONE_MACHINE, Grower
from models.registry import Registry
from training.account import Told
from training.evidence import Evidence
from training.groups import group_values
from training.judged import judged_shipments
from training.keeping import Ground, Keeper
from training.plots import evaluation_plots
from training.record import recorded
from training.report import Report
from training.rival import rival
from training.split import split
from training.tuning import Tuning


@dataclass(frozen=True)
class TrainingResult:
    """A registered version and what its evaluation said.

    Attributes
    ----------
    version : the version registered last: with a refit, the refitted one.
    evaluated_version : the version that the figures belong to.
    """

    subject: str
    version: str
    evaluated_version: str
    run_id: str
    evaluate_from: date
    counts: dict[str, int]
    report: Report
    evidence: Evidence

    @property
    def metrics(self) -> dict[str, float]:
        """Figures of all evaluated shipments and of the random stratum."""
        return self.report.metrics

    def to_json(self) -> dict[str, Any]:
        """Give the result as one flat object, metrics by their names."""
        return {
            "subject": self.subject,
            "version": self.version,
            "evaluated_version": self.evaluated_version,
            "run_id": self.run_id,
            "evaluate_from": self.evaluate_from.isoformat(),
            "training": self.counts,
            **self.metrics,
            "by_month": self.report.by_month,
            "by_offence": self.report.by_offence,
            **self.evidence.to_json(),
        }


def train(  # noqa: PLR0913 - what the command offers, each with a default
    store: Store,
    home: Home,
    subject: str,
    *,
    evaluate_from: date | None = None,
    refit: bool = False,
    seed: int = 0,
    progress: Progress = silent,
    settings: FitSettings | None = None,
    cluster: str | None = None,
    notes: tuple[str, ...] = (),
    tune_minutes: float | None = None,
) -> TrainingResult:
    """Fit on what was known before a day, judge by what came after, and register the model.

    Parameters
    ----------
    evaluate_from : by default the first day of the last quarter with outcomes.
    refit : fit once more on everything known and register that version, too; the figures stay
        those of the earlier fit, and its tags say so.
    seed : seeds LightGBM and every draw.
    cluster : address of a Dask scheduler whose workers grow the trees, or ``local``.
    notes : what a reader of the evaluation must know first, for example that records are simulated.
    tune_minutes : first search for better settings this long, on what was known before the day.
    """
    with _growing(cluster) as grower:
        settings = replace(settings or FitSettings(), seed=seed)
        plan = _Plan(feature_set(subject), settings, progress, grower, notes, tune_minutes)
        return _trained(store, home, plan, evaluate_from, refit=refit)


@contextmanager
def _growing(cluster: str | None) -> Iterator[Grower]:
    if cluster is None:
        yield ONE_MACHINE
        return
    try:
        from models.cluster import connected  # noqa: PLC0415 - an extra brings its libraries
    except ModuleNotFoundError as error:
        raise TidewaiterError(
            f"--cluster needs {error.name}: pip install 'tidewaiter[dask]'"
        ) from error
    with connected(cluster) as grower:
        yield grower


def _trained(
    store: Store, home: Home, plan: _Plan, evaluate_from: date | None, *, refit: bool
) -> TrainingResult:
    subject, progress = plan.features.subject, plan.progress
    table = feature_table(
        store, subject, progress=lambda done: progress("computing features", done)
    )
    data = split(plan.features, table, store.read("inspections"), evaluate_from)
    plan = plan.tuned(home, data.training)
    model = plan.fit(data.training)
    progress("evaluating", 1.0)
    ranked = judged_shipments(model, data.evaluation)
    report, random = Report.of(ranked), np.random.default_rng(plan.settings.seed)
    evidence = Evidence.of(ranked, group_values(store, plan.features, ranked), random)
    registry = Registry(home)
    with recorded(registry, subject, f"{subject} evaluated from {data.evaluate_from}") as record:
        ground = Ground.of(model.fingerprint, data)
        record.parameters(model, data, ground, plan.settings)
        record.figures(report, evidence)
        pictures = record.pictures(evaluation_plots(model, data.evaluation, ranked, report, random))
        tags = {
            "evaluate_from": data.evaluate_from.isoformat(),
            "refit": "false",
            "grown_on": plan.grower.place,
        }
        version = evaluated = registry.register(model, record.run, tags)
        told = Told(
            model=model,
            evaluate_from=data.evaluate_from,
            report=report,
            evidence=evidence,
            rival=rival(registry, subject, data.evaluation, data.evaluate_from),
            notes=plan.notes,
            ablated=Keeper(registry, subject).ablation(ground),
        )
        record.account(version, told, pictures)
        if refit:
            progress("fitting again on everything known", 0.0)
            again = plan.fit(data.everything)
            more = _refit_tags(evaluated)
            version = registry.register(again, record.run, tags | more)
            note = (
                f"The figures are {more['figures']}; this version was fitted on everything known."
            )
            record.account(version, replace(told, notes=(*plan.notes, note)), pictures)
    return TrainingResult(
        subject=subject,
        version=version,
        evaluated_version=evaluated,
        run_id=record.run_id,
        evaluate_from=data.evaluate_from,
        counts=dict(model.counts),
        report=report,
        evidence=evidence,
    )


@dataclass(frozen=True)
class _Plan:
    """How both fits of a training are made."""

    features: FeatureSet
    settings: FitSettings
    progress: Progress
    grower: Grower
    notes: tuple[str, ...] = ()
    tune_minutes: float | None = None

    def tuned(self, home: Home, examples: Examples) -> _Plan:
        """Choose the settings by search, where one is asked for."""
        if self.tune_minutes is None:
            return self
        search = Tuning(home, self.tune_minutes, self.progress, self.grower)
        return replace(self, settings=search.best(self.features, examples, self.settings))

    def fit(self, examples: Examples) -> RiskModel:
        random = np.random.default_rng(self.settings.seed)
        try:
            return fit_model(
                self.features, examples, self.settings, random, self.progress, self.grower
            )
        except ValueError as error:
            raise TidewaiterError(f"cannot train {self.features.subject}: {error}") from error


def _refit_tags(evaluated: str) -> dict[str, str]:
    return {
        "refit": "true",
        "evaluated_version": evaluated,
        "figures": f"those of version {evaluated}, the earlier fit on less data",
    }
