"""Copies of versions that served: whole, readable by the owner only, and no more than needed."""

import os
import stat

import pytest

from features.errors import TidewaiterError
from models.registry import LoadedModel
from serving import copies
from serving.copies import Copies


class Model:
    """A model of one file."""

    def __init__(self, text):
        self.text = text

    def save(self, folder):
        (folder / "model.json").write_text(self.text)

    @classmethod
    def load(cls, folder):
        return cls((folder / "model.json").read_text())


@pytest.fixture
def warmed(monkeypatch):
    monkeypatch.setattr(copies, "RiskModel", Model)
    return []


@pytest.fixture
def kept(tmp_path, warmed):
    return Copies(tmp_path / "last_good", warmed.append)


def keep(kept, version, alias="champion", text="trees"):
    kept.keep("shipments", alias, LoadedModel(version, Model(text)))


def folders(kept):
    place = kept.folder / "shipments"
    return sorted(one.name for one in place.iterdir() if not one.is_symlink())


def test_what_was_kept_last_is_found_warm(kept, warmed):
    keep(kept, "1")
    keep(kept, "2", text="other trees")
    found = kept.find("shipments", "champion")
    assert (found.version, found.model.text) == ("2", "other trees")
    assert warmed == [found]


def test_nothing_is_found_where_nothing_was_kept_or_it_was_forgotten(kept):
    assert kept.find("shipments", "champion") is None
    keep(kept, "1", "challenger")
    kept.forget("shipments", "challenger")
    kept.forget("shipments", "challenger")
    assert kept.find("shipments", "challenger") is None


def test_only_the_owner_reads_what_is_kept(kept):
    keep(kept, "1")
    place = kept.folder / "shipments"
    for folder in (kept.folder, place, *(one for one in place.iterdir() if one.is_dir())):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_same_version_kept_again_or_under_both_aliases_is_one_folder(kept):
    for alias in ("champion", "champion", "challenger"):
        keep(kept, "1", alias)
    assert len(folders(kept)) == 1
    assert kept.find("shipments", "challenger").version == "1"


def test_a_copy_that_changed_is_refused_and_made_anew_by_the_next(kept):
    keep(kept, "1")
    (kept.folder / "shipments" / "champion" / "model.json").write_text("half of the tr")
    with pytest.raises(TidewaiterError, match="it has changed since"):
        kept.find("shipments", "champion")
    keep(kept, "1")
    assert kept.find("shipments", "champion").model.text == "trees"


def test_what_no_alias_names_is_dropped_once_nobody_can_be_writing_it(kept):
    keep(kept, "1")
    [first] = folders(kept)
    keep(kept, "2")
    assert first in folders(kept)
    os.utime(kept.folder / "shipments" / first, (0, 0))
    keep(kept, "3")
    assert first not in folders(kept)
    assert len(folders(kept)) == 2
