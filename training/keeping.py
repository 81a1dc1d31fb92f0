"""What the registry keeps of accounts: a page, a card and their sections, by version.

An ablation and a training that were made on the same ground (records, features, first day of
evaluation) find each other here, whichever came first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mlflow.entities import Param, Run

from models.registry import Registry
from training.dataset import fingerprint_of_data
from training.families import FAMILIES, families_section
from training.page import card, page
from training.sections import Section
from training.split import Split

__all__ = ["Ground", "Keeper"]

LONGEST_DESCRIPTION = 5000  # MLflow's column holds no more
_ABLATION, _SECTIONS, _PLOTS = "ablation.json", "account.json", "plots"
_KIND = "kind"


@dataclass(frozen=True)
class Ground:
    """What a model is fitted and judged on; parameters of MLflow runs by these names."""

    fingerprint: str
    training_sha256: str
    evaluate_from: str

    @classmethod
    def of(cls, fingerprint: str, data: Split) -> Ground:
        """Take the ground of a feature set and of records cut in time."""
        return cls(fingerprint, fingerprint_of_data(data.training), data.evaluate_from.isoformat())

    def params(self) -> list[Param]:
        """Give it as parameters of a run."""
        return [Param(name, value) for name, value in asdict(self).items()]

    def asked(self) -> str:
        """Ask MLflow for finished runs on it."""
        params = [f"params.{name} = '{value}'" for name, value in asdict(self).items()]
        return " and ".join([*params, "attributes.status = 'FINISHED'"])


@dataclass(frozen=True)
class Keeper:
    """Accounts and ablations of a subject in its registry."""

    registry: Registry
    subject: str

    def keep(
        self, run_id: str, version: str, sections: Iterable[Section], pictures: Mapping[str, bytes]
    ) -> None:
        """Keep a version's account: a page, a card, the card's words, and the sections."""
        sections, client, folder = list(sections), self.registry.client, f"version-{version}"
        title = f"{self.subject.capitalize()} model, version {version}"
        client.log_text(run_id, page(title, sections, pictures), f"{folder}/evaluation.html")
        client.log_text(run_id, card(title, sections), f"{folder}/card.md")
        plain = {"sections": [section.to_json() for section in sections]}
        client.log_dict(run_id, plain, f"{folder}/{_SECTIONS}")
        words = card(title, sections, tables=False)[:LONGEST_DESCRIPTION]
        client.update_model_version(self.subject, version, description=words)

    def ablation(self, ground: Ground) -> dict[str, Any] | None:
        """Find the last ablation on a ground."""
        for run in self._runs(f"{ground.asked()} and tags.{_KIND} = 'ablation'"):
            with TemporaryDirectory() as folder:
                path = self.registry.client.download_artifacts(run.info.run_id, _ABLATION, folder)
                found: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
                return found
        return None

    def keep_ablation(self, run_id: str, ground: Ground, ablated: Mapping[str, Any]) -> None:
        """Keep what an ablation said, for versions to come."""
        client = self.registry.client
        client.set_tag(run_id, _KIND, "ablation")
        client.log_batch(run_id, params=ground.params())
        client.log_dict(run_id, dict(ablated), _ABLATION)

    def show_ablation(self, run_id: str, ground: Ground, ablated: Mapping[str, Any]) -> list[str]:
        """Put an ablation into the accounts of versions on its ground; name these versions."""
        runs = {run.info.run_id for run in self._runs(ground.asked())}
        shown = []
        for version in self.registry.versions(self.subject):
            if version.run_id in runs and self._renewed(version.run_id, version.version, ablated):
                tags = {"ablation_run": run_id}
                self.registry.set_tags(self.subject, version.version, tags)
                shown.append(str(version.version))
        return shown

    def _renewed(self, run_id: str, version: str, ablated: Mapping[str, Any]) -> bool:
        client, folder = self.registry.client, f"version-{version}"
        kept = f"{folder}/{_SECTIONS}"
        if kept not in {entry.path for entry in client.list_artifacts(run_id, folder)}:
            return False
        with TemporaryDirectory() as place:
            text = Path(client.download_artifacts(run_id, kept, place)).read_text(encoding="utf-8")
            plots = Path(client.download_artifacts(run_id, _PLOTS, place))
            pictures = {path.stem: path.read_bytes() for path in plots.glob("*.png")}
        told = [Section.from_json(plain) for plain in json.loads(text)["sections"]]
        anew = families_section(self.subject, ablated)
        sections = [anew if section.title == FAMILIES else section for section in told]
        self.keep(run_id, version, sections, pictures)
        return True

    def _runs(self, asked: str) -> list[Run]:
        experiment = self.registry.experiment(self.subject)
        latest = ["attributes.start_time DESC"]
        return list(self.registry.client.search_runs([experiment], asked, order_by=latest))
