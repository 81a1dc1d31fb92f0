"""The champions inside a bento: copied out of the registry when the bento is built.

Invariant: a bento scores with the models it was built with, and needs no registry.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import bentoml
from bentoml.exceptions import NotFound
from bentoml.models import BentoModel, ModelContext

from features.errors import TidewaiterError
from features.home import Home
from serving.digest import digest_of

if TYPE_CHECKING:
    from bentoml import Bento
    from bentoml._internal.bento.bento import BentoModelInfo

    from models.registry import LoadedModel

BUNDLE = "tidewaiter-champions"
_VERSIONS = "model_versions"


class BundledChampions(BentoModel):
    """The models a bento carries; outside a bento the registry is asked instead."""

    def to_info(self, alias: str | None = None) -> BentoModelInfo:
        """Copy the champions into BentoML's model store; called while a bento is built."""
        return BentoModel(export_champions(Home.find().prepare())).to_info(alias)

    def resolve(self, base_path: object = None, *_: object) -> None:
        """Ask for nothing: no model store is needed, and no cloud."""


def export_champions(home: Home) -> str:
    """Copy the champion of every subject that has one into BentoML's model store; return the tag.

    The tag names the content: the same champions are kept once.

    Raises
    ------
    TidewaiterError
        Where no subject has a champion.
    """
    champions = _champions(home)
    versions = {subject: champion.version for subject, champion in champions.items()}
    with TemporaryDirectory(prefix="tidewaiter-champions-") as folder:
        for subject, champion in champions.items():
            champion.model.save(Path(folder, subject))
        tag = f"{BUNDLE}:{_digest(Path(folder), versions)}"
        try:
            bentoml.models.get(tag)
        except NotFound:
            _store(tag, Path(folder), versions)
    return tag


@dataclass(frozen=True)
class CarriedVersions:
    """The champions that a bento carries; they never change."""

    bento: Bento

    def aliases(self, subject: str) -> dict[str, str]:
        """Name the version a bento carries of a subject."""
        from models.registry import CHAMPION  # noqa: PLC0415 - heavy

        versions = self._stored().info.metadata[_VERSIONS]
        return {CHAMPION: str(versions[subject])} if subject in versions else {}

    def load(self, subject: str, version: str) -> LoadedModel:
        """Load it."""
        from models.registry import LoadedModel  # noqa: PLC0415 - heavy
        from models.risk import RiskModel  # noqa: PLC0415 - heavy

        return LoadedModel(version, RiskModel.load(Path(self._stored().path, subject)))

    def _stored(self) -> bentoml.Model:
        tags = [info.tag for info in self.bento.info.all_models if info.tag.name == BUNDLE]
        if len(tags) != 1:
            raise TidewaiterError(
                f"expected one model {BUNDLE} in {self.bento.tag}, got {len(tags)}"
            )
        return bentoml.models.get(tags[0])


def _champions(home: Home) -> dict[str, LoadedModel]:
    from features.catalog import RECORDS  # noqa: PLC0415 - heavy, and only needed to build
    from models.registry import Registry  # noqa: PLC0415 - the same

    registry = Registry(home)
    found = {s: registry.champion(s) for s in RECORDS if registry.champion_version(s) is not None}
    if not found:
        raise TidewaiterError(
            f"expected a champion of {' or '.join(RECORDS)} in {home.tracking_uri}, found none: "
            "train and promote one"
        )
    return found


def _store(tag: str, folder: Path, versions: dict[str, str]) -> None:
    context = ModelContext(framework_name="tidewaiter", framework_versions={})
    with bentoml.models.create(tag, metadata={_VERSIONS: versions}, context=context) as stored:
        shutil.copytree(folder, stored.path, dirs_exist_ok=True)


def _digest(folder: Path, versions: dict[str, str]) -> str:
    named = f"{sorted(versions.items())} {digest_of(folder)}"
    return hashlib.sha256(named.encode()).hexdigest()[:12]
