"""The servers beside which ours is measured, running."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import mlflow
import numpy as np
from numpy.typing import NDArray

from models.examples import OVERALL
from models.risk import RiskModel
from tests.benchmarks.caller import Caller
from tests.benchmarks.rivals import explained
from tests.benchmarks.server import HOST, running

EMPTY_PATH, MLFLOW_PATH = "/empty", "/invocations"
EMPTY = "tests.benchmarks.rivals.empty:EmptyService"
BARE = "tests.benchmarks.rivals.empty:BareService"
# Tracing is off in every process of a home; BentoML has it on.
_TRACED = {"OTEL_SDK_DISABLED": "false"}
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Rivals:
    """Empty BentoML services, as it ships them and bare, and MLflow's with a model's booster."""

    empty: Caller
    bare: Caller
    mlflow: Caller

    @classmethod
    def started(cls, stack: ExitStack, model: RiskModel, folder: Path) -> Rivals:
        """Start them, each with one worker; they end with the stack."""
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": path}
        saved = folder / "explained"
        _save(model, saved)

        def caller(command: list[str], name: str, ready: str, **own: str) -> Caller:
            # A home of its own: services that share one start by dropping the other's metrics.
            home = {"BENTOML_HOME": str(folder / f"bentoml-{name}")}
            port = stack.enter_context(
                running(
                    lambda port: [*command, "--host", HOST, "--port", str(port)],
                    {**environment, **home, **own},
                    folder / f"{name}.log",
                    ready,
                )
            )
            return stack.enter_context(Caller.to(port))

        python = [sys.executable, "-m"]
        bentoml, where = [*python, "bentoml", "serve"], ["--working-dir", str(ROOT)]
        serve = [*python, "mlflow", "models", "serve", "--model-uri", str(saved)]
        return cls(
            caller([*bentoml, EMPTY, *where], "empty", "/readyz", **_TRACED),
            caller([*bentoml, BARE, *where], "bare", "/readyz"),
            caller([*serve, "--env-manager", "local", "--workers", "1"], "mlflow", "/ping"),
        )


def matrix_body(names: Sequence[str], encoded: NDArray[np.float64]) -> bytes:
    """Write encoded features as MLflow's server takes them; null is missing."""
    data = [[None if np.isnan(value) else value for value in row] for row in encoded.tolist()]
    return json.dumps({"dataframe_split": {"columns": list(names), "data": data}}).encode()


def _save(model: RiskModel, folder: Path) -> None:
    booster = folder.with_suffix(".txt")
    model.heads[OVERALL].booster.save_model(booster)
    mlflow.pyfunc.save_model(
        folder,
        python_model=explained.__file__,
        artifacts={"booster": str(booster)},
        pip_requirements=["lightgbm", "mlflow", "shap"],
    )
