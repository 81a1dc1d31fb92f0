"""The MLflow registry of an installation: versions by subject, and which ones are in service.

Everything embedded stays in the home; a configured tracking server keeps its own artefacts.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from features.errors import TidewaiterError
from features.home import Home
from models.risk import RiskModel

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion

CHAMPION = "champion"
CHALLENGER = "challenger"


@dataclass(frozen=True)
class LoadedModel:
    """A registered version and its model."""

    version: str
    model: RiskModel


@dataclass(frozen=True)
class Registry:
    """MLflow for one home. Registered names are the subjects."""

    home: Home

    def setup(self) -> Registry:
        """Prepare the home, and make MLflow quiet before it is imported.

        MLflow's own idea of a tracking server is left alone: setting it would write it to the
        environment, and so decide for every other home of the process.
        """
        self.home.prepare()
        os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.WARNING)
        return self

    @cached_property
    def client(self) -> MlflowClient:
        """MLflow's client, for this home and nothing else."""
        self.setup()
        from mlflow import MlflowClient  # noqa: PLC0415 - telemetry must be off before

        uri = self.home.tracking_uri
        return MlflowClient(tracking_uri=uri, registry_uri=uri)

    def experiment(self, subject: str) -> str:
        """Id of the subject's experiment, made on first use."""
        found = self.client.get_experiment_by_name(subject)
        if found is not None:
            return str(found.experiment_id)
        embedded = self.home.tracking_uri.startswith("sqlite:")
        location = (self.home.artifact_root / subject).as_uri() if embedded else None
        return str(self.client.create_experiment(subject, artifact_location=location))

    def register(self, model: RiskModel, run: Run, tags: dict[str, str]) -> str:
        """Log a model to a run and register it; returns its new version."""
        from models import flavour  # noqa: PLC0415 - imports MLflow

        name = model.subject
        model_id = flavour.log_model(model, name, run, self.client)
        if not self.client.search_registered_models(f"name = '{name}'"):
            self.client.create_registered_model(name)
        source = self.client.get_logged_model(model_id).artifact_location
        tags = tags | {"fingerprint": model.fingerprint}
        registered = self.client.create_model_version(
            name, source, run_id=run.info.run_id, tags=tags, model_id=model_id
        )
        return str(registered.version)

    def versions(self, subject: str) -> list[ModelVersion]:
        """List the subject's registered versions, newest first."""
        found = self.client.search_model_versions(f"name = '{subject}'")
        return sorted(found, key=lambda one: int(one.version), reverse=True)

    def version(self, subject: str, version: str) -> ModelVersion:
        """One registered version.

        Raises
        ------
        TidewaiterError
            When there is no such version.
        """
        versions = self.versions(subject)
        for found in versions:
            if str(found.version) == str(version):
                return found
        known = ", ".join(str(one.version) for one in versions) or "none"
        raise TidewaiterError(f"{subject} has no version {version!r}; registered: {known}")

    def load(self, subject: str, version: str) -> LoadedModel:
        """Load a registered version."""
        from models import flavour  # noqa: PLC0415 - imports MLflow

        found = self.version(subject, version)
        return LoadedModel(
            str(found.version), flavour.load_model(found.source, self.home.tracking_uri)
        )

    def aliases(self, subject: str) -> dict[str, str]:
        """Say which version each alias of a subject names; one question to the registry."""
        from mlflow.exceptions import MlflowException  # noqa: PLC0415 - only after `client`

        client = self.client
        try:
            named = client.get_registered_model(subject).aliases
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return {}
            raise
        return {alias: str(version) for alias, version in named.items()}

    def champion_version(self, subject: str) -> str | None:
        """Find the version that the alias ``champion`` names, if any."""
        return self.aliases(subject).get(CHAMPION)

    def champion(self, subject: str) -> LoadedModel:
        """Load the version in service.

        Raises
        ------
        TidewaiterError
            When no version has been promoted.
        """
        version = self.champion_version(subject)
        if version is None:
            raise TidewaiterError(
                f"{subject} has no champion in {self.home.tracking_uri}: run "
                f"`tidewaiter train {subject}`, then `tidewaiter promote {subject} VERSION`"
            )
        return self.load(subject, version)

    def set_alias(self, subject: str, alias: str, version: str) -> None:
        """Let an alias name a version."""
        self.client.set_registered_model_alias(subject, alias, version)

    def drop_alias(self, subject: str, alias: str) -> None:
        """Let an alias name no version."""
        self.client.delete_registered_model_alias(subject, alias)

    def set_tags(self, subject: str, version: str, tags: dict[str, str]) -> None:
        """Note facts on a version."""
        for name, value in tags.items():
            self.client.set_model_version_tag(subject, version, name, value)
