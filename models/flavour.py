"""An MLflow flavour for risk models: LightGBM text and JSON, no pickle and no copied code.

`load_model` gives a `RiskModel`; ``mlflow.pyfunc.load_model`` gives a function from a feature table
to scores. Both refuse a model of another feature set.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import mlflow.artifacts
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.models.model import MLMODEL_FILE_NAME, Model

from models.risk import RiskModel

FLAVOR_NAME = "tidewaiter"
DATA = "risk_model"
REQUIREMENTS = ("lightgbm", "mlflow", "numba", "numpy", "pandas", "scipy")


@dataclass(frozen=True)
class RiskFunction:
    """A risk model as ``pyfunc`` knows one."""

    model: RiskModel

    def predict(self, table: pd.DataFrame, params: dict[str, object] | None = None) -> pd.DataFrame:  # noqa: ARG002
        """Score a feature table; `params` is part of the protocol and not used."""
        return self.model.score(table).frame


def save_model(model: RiskModel, path: Path, mlflow_model: Model | None = None) -> None:
    """Write a model as an MLflow model folder."""
    from mlflow.pyfunc import add_to_model  # noqa: PLC0415 - slow, and loading has no use for it

    path = Path(path)
    model.save(path / DATA)
    description = mlflow_model if mlflow_model is not None else Model()
    add_to_model(description, loader_module="models.flavour", data=DATA)
    description.add_flavor(
        FLAVOR_NAME, data=DATA, subject=model.subject, fingerprint=model.fingerprint
    )
    requirements = "".join(f"{name}=={version(name)}\n" for name in REQUIREMENTS)
    (path / "requirements.txt").write_text(requirements, encoding="utf-8")
    description.save(str(path / MLMODEL_FILE_NAME))


def log_model(model: RiskModel, name: str, run: Run, client: MlflowClient) -> str:
    """Log a model to a run and return its id; nothing global of MLflow is read or set."""
    logged = client.create_logged_model(
        run.info.experiment_id,
        name=name,
        source_run_id=run.info.run_id,
        tags={"fingerprint": model.fingerprint},
    )
    with TemporaryDirectory() as folder:
        path = Path(folder, "model")
        description = Model(
            artifact_path=logged.artifact_location,
            run_id=run.info.run_id,
            model_uuid=logged.model_id,
            model_id=logged.model_id,
        )
        save_model(model, path, description)
        client.log_model_artifacts(logged.model_id, str(path))
    client.finalize_logged_model(logged.model_id, "READY")
    return str(logged.model_id)


def load_model(uri: str, tracking_uri: str | None = None) -> RiskModel:
    """Load a risk model from any MLflow model URI."""
    folder = mlflow.artifacts.download_artifacts(artifact_uri=uri, tracking_uri=tracking_uri)
    return RiskModel.load(Path(folder, DATA))


def _load_pyfunc(path: str) -> RiskFunction:
    """Load the data of the ``pyfunc`` flavour; MLflow calls it by this name."""
    return RiskFunction(RiskModel.load(Path(path)))
