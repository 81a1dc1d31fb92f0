"""A training in one MLflow run: parameters, figures, pictures and the data's hash."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from mlflow.entities import Metric, Param, Run

from models import FitSettings, RiskModel
from models.registry import Registry
from training.dataset import fingerprint_of_data
from training.plots import evaluation_plots
from training.report import Report
from training.split import Split


@dataclass(frozen=True)
class RunRecord:
    """An open MLflow run of a registry."""

    registry: Registry
    run: Run

    @property
    def run_id(self) -> str:
        """MLflow's id of the run."""
        return str(self.run.info.run_id)

    def parameters(self, model: RiskModel, data: Split, settings: FitSettings) -> None:
        """Note what the model was fitted with and on."""
        values: dict[str, object] = dict(asdict(settings))
        values |= {f"trees_{name}": head.booster.num_trees() for name, head in model.heads.items()}
        values |= dict(model.periods) | dict(model.counts)
        values |= {
            "evaluate_from": data.evaluate_from.isoformat(),
            "evaluation_rows": len(data.evaluation),
            "features": len(model.feature_names),
            "fingerprint": model.fingerprint,
            "training_sha256": fingerprint_of_data(data.training),
        }
        params = [Param(name, str(value)) for name, value in values.items()]
        self.registry.client.log_batch(self.run_id, params=params)

    def figures(self, report: Report) -> None:
        """Note the metrics, and those by month and offence as files."""
        now_ms = self.run.info.start_time
        metrics = [Metric(name, value, now_ms, 0) for name, value in report.metrics.items()]
        client = self.registry.client
        client.log_batch(self.run_id, metrics=metrics)
        client.log_dict(self.run_id, report.by_month, "metrics_by_month.json")
        client.log_dict(self.run_id, report.by_offence, "metrics_by_offence.json")

    def pictures(
        self,
        model: RiskModel,
        data: Split,
        ranked: pd.DataFrame,
        report: Report,
        random: np.random.Generator,
    ) -> None:
        """Draw the evaluation and keep the pictures."""
        for name, figure in evaluation_plots(model, data.evaluation, ranked, report, random):
            self.registry.client.log_figure(self.run_id, figure, f"plots/{name}.png")
            plt.close(figure)


@contextmanager
def recorded(registry: Registry, subject: str, name: str) -> Iterator[RunRecord]:
    """Open a run; it ends as finished, or as failed when the block raises."""
    run = registry.client.create_run(registry.experiment(subject), run_name=name)
    status = "FAILED"
    try:
        yield RunRecord(registry, run)
        status = "FINISHED"
    finally:
        registry.client.set_terminated(run.info.run_id, status)
