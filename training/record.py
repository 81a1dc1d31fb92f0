"""A training in one MLflow run: parameters, figures, pictures and the data's hash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from mlflow.entities import Metric, Param, Run

from models import FitSettings, RiskModel
from models.registry import Registry
from training.account import Told, account
from training.evidence import Evidence
from training.keeping import Ground, Keeper
from training.report import Report
from training.split import Split

DOTS_PER_INCH = 110


@dataclass(frozen=True)
class RunRecord:
    """An open MLflow run of a registry."""

    registry: Registry
    run: Run

    @property
    def run_id(self) -> str:
        """MLflow's id of the run."""
        return str(self.run.info.run_id)

    def parameters(
        self, model: RiskModel, data: Split, ground: Ground, settings: FitSettings
    ) -> None:
        """Note what the model was fitted with and on."""
        values: dict[str, object] = dict(asdict(settings))
        values |= {f"trees_{name}": head.booster.num_trees() for name, head in model.heads.items()}
        values |= dict(model.periods) | dict(model.counts)
        values |= {
            "evaluation_rows": len(data.evaluation),
            "features": len(model.feature_names),
        }
        params = [Param(name, str(value)) for name, value in values.items()]
        self.registry.client.log_batch(self.run_id, params=[*params, *ground.params()])

    def figures(self, report: Report, evidence: Evidence) -> None:
        """Note the metrics; those by month and offence, and what they can claim, as files."""
        now_ms = self.run.info.start_time
        metrics = [Metric(name, value, now_ms, 0) for name, value in report.metrics.items()]
        client = self.registry.client
        client.log_batch(self.run_id, metrics=metrics)
        client.log_dict(self.run_id, report.by_month, "metrics_by_month.json")
        client.log_dict(self.run_id, report.by_offence, "metrics_by_offence.json")
        client.log_dict(self.run_id, evidence.to_json(), "evidence.json")

    def pictures(self, figures: Iterable[tuple[str, Figure]]) -> dict[str, bytes]:
        """Keep the pictures of an evaluation, and return them as PNG files by name."""
        drawn: dict[str, bytes] = {}
        with TemporaryDirectory() as folder:
            for name, figure in figures:
                path = Path(folder, f"{name}.png")
                figure.savefig(path, dpi=DOTS_PER_INCH)
                plt.close(figure)
                drawn[name] = path.read_bytes()
            self.registry.client.log_artifacts(self.run_id, folder, "plots")
        return drawn

    def account(self, version: str, told: Told, pictures: Mapping[str, bytes]) -> None:
        """Keep the account of a version's evaluation."""
        Keeper(self.registry, told.subject).keep(self.run_id, version, account(told), pictures)


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
