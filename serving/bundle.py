"""The champion inside a bento: copied out of the registry when the bento is built.

Invariant: a bento scores with the model it was built with, and needs no registry.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import bentoml
from bentoml.exceptions import NotFound
from bentoml.models import BentoModel, ModelContext

from features.errors import TidewaiterError
from features.home import Home

if TYPE_CHECKING:
    from bentoml import Bento
    from bentoml._internal.bento.bento import BentoModelInfo

    from models.registry import LoadedModel

SUBJECT = "shipments"
BUNDLE = f"tidewaiter-{SUBJECT}"
_VERSION = "model_version"


class BundledChampion(BentoModel):
    """The model a bento carries; outside a bento the registry is asked instead."""

    def to_info(self, alias: str | None = None) -> BentoModelInfo:
        """Copy the champion into BentoML's model store; called while a bento is built."""
        return BentoModel(export_champion(Home.find().prepare())).to_info(alias)

    def resolve(self, base_path: object = None, *_: object) -> None:
        """Ask for nothing: no model store is needed, and no cloud."""


def export_champion(home: Home) -> str:
    """Copy the champion into BentoML's model store and return its tag.

    The tag names the content: the same champion is kept once.
    """
    from models.registry import Registry  # noqa: PLC0415 - heavy, and only needed to build

    champion = Registry(home).champion(SUBJECT)
    draft = home.bentoml_home / "tmp" / "champion"
    champion.model.save(draft)
    tag = f"{BUNDLE}:v{champion.version}-{_digest(draft)}"
    try:
        bentoml.models.get(tag)
    except NotFound:
        _store(tag, draft, champion.version)
    return tag


def load_bundled(bento: Bento) -> LoadedModel:
    """Load the model a bento carries."""
    from models.registry import LoadedModel  # noqa: PLC0415 - heavy
    from models.risk import RiskModel  # noqa: PLC0415 - heavy

    tags = [info.tag for info in bento.info.all_models if info.tag.name == BUNDLE]
    if len(tags) != 1:
        raise TidewaiterError(f"expected one model {BUNDLE} in {bento.tag}, got {len(tags)}")
    stored = bentoml.models.get(tags[0])
    version = str(stored.info.metadata[_VERSION])
    return LoadedModel(version, RiskModel.load(Path(stored.path)))


def _store(tag: str, folder: Path, version: str) -> None:
    context = ModelContext(framework_name="tidewaiter", framework_versions={})
    with bentoml.models.create(tag, metadata={_VERSION: version}, context=context) as stored:
        for file in sorted(folder.iterdir()):
            Path(stored.path, file.name).write_bytes(file.read_bytes())


def _digest(folder: Path) -> str:
    content = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        content.update(file.name.encode() + b"\0" + file.read_bytes())
    return content.hexdigest()[:12]
