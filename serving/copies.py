"""Copies of the versions that serve, kept in the home for when the registry is out of reach.

A copy is named by its version and a digest of what is in it, and an alias is a link to one. So a
copy is whole or no copy at all, and workers that keep the same version at once keep one.

Invariant: only the owner of the home can read what is kept.
"""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from features.errors import TidewaiterError
from models.registry import LoadedModel
from models.risk import RiskModel
from serving.digest import digest_of

__all__ = ["Copies"]

# What no alias names may still be written to by another worker.
_STALE_S = 3_600


@dataclass(frozen=True)
class Copies:
    """The copies of a home.

    Parameters
    ----------
    folder : Path
        Where they are; made on first use.
    warm : callable
        Scores an example with a version that was loaded, or raises whatever prevents that.
    """

    folder: Path
    warm: Callable[[LoadedModel], object]

    def keep(self, subject: str, alias: str, loaded: LoadedModel) -> None:
        """Copy a version, let the alias name the copy, and drop what no alias names."""
        place = self.folder / subject
        for made in (self.folder, place):
            made.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = Path(mkdtemp(prefix="draft-", dir=place))
        loaded.model.save(draft)
        digest = digest_of(draft)
        copy = place / f"{loaded.version}-{digest}"
        if copy.is_dir() and digest_of(copy) == digest:
            shutil.rmtree(draft)
            os.utime(copy)
        else:
            shutil.rmtree(copy, ignore_errors=True)
            draft.rename(copy)
        link = draft.with_suffix(".link")
        link.symlink_to(copy.name)
        link.rename(place / alias)
        self._tidy(place)

    def find(self, subject: str, alias: str) -> LoadedModel | None:
        """Load and warm the version that served last, if a copy was kept.

        Raises
        ------
        TidewaiterError
            Where the copy is not what was written, or is of another feature set or format.
        """
        link = self.folder / subject / alias
        if not link.is_symlink():
            return None
        copy = link.resolve()
        version, _, digest = copy.name.rpartition("-")
        if digest_of(copy) != digest:
            raise TidewaiterError(f"expected {copy} as it was written, it has changed since")
        loaded = LoadedModel(version, RiskModel.load(copy))
        self.warm(loaded)
        return loaded

    def forget(self, subject: str, alias: str) -> None:
        """Let the alias name no copy."""
        (self.folder / subject / alias).unlink(missing_ok=True)

    def _tidy(self, place: Path) -> None:
        named = {link.readlink().name for link in place.iterdir() if link.is_symlink()}
        for one in place.iterdir():
            is_old = one.is_dir() and one.stat().st_mtime < time.time() - _STALE_S
            if is_old and not one.is_symlink() and one.name not in named:
                shutil.rmtree(one, ignore_errors=True)
