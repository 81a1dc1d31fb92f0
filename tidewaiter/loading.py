"""Loading files into the store: checked, pseudonymised, taken in, the rejected kept aside.

Each file is one transaction a kind of record, so a crash leaves whole files in and nothing half in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from features.home import Home
from features.records import Rejection, pseudonymise
from features.records.files import CheckedFile, check_file, write_rejected
from features.records.readers import files_of
from features.store import Store, Taken

__all__ = ["LoadedFile", "load", "said"]


@dataclass(frozen=True)
class LoadedFile:
    """What became of one kind of record in one file."""

    checked: CheckedFile
    taken: Taken
    kept_aside: Path | None

    @property
    def summary(self) -> str:
        """One line for a person."""
        taken, left_out = self.taken, ", ".join(self.checked.left_out)
        return (
            f"{self.checked.path.name}: {self.checked.kind}: {len(self.checked.accepted)} accepted"
            f" ({taken.inserted} new, {taken.amended} amended, {taken.unchanged} unchanged),"
            f" {self.checked.rows_rejected} rejected"
        ) + f"; columns that are no fields of theirs, left out: {left_out}" * bool(left_out)


def load(
    store: Store,
    home: Home,
    paths: Iterable[Path],
    format_name: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[LoadedFile]:
    """Load files and folders one by one, giving what became of each."""
    key = home.pseudonym_key()
    now = datetime.now(UTC)
    stamp = now.strftime("%Y%m%dT%H%M%S%fZ")
    for path in (file for given in paths for file in files_of(given)):
        files = check_file(path, format_name, progress=progress, loaded_at=now)
        for checked in files.values():
            taken = store.take_in(checked.kind, pseudonymise(checked.accepted, checked.kind, key))
            told = checked.without(taken.contradicting)
            aside = home.rejected / f"{stamp}-{checked.kind}.jsonl" if told.rejected else None
            if aside is not None:
                write_rejected(told, aside)
            yield LoadedFile(told, taken, aside)
        if not files:
            yield LoadedFile(CheckedFile(path, "records"), Taken(0, 0, 0), None)


def said(path: Path, rejection: Rejection) -> str:
    """Say a rejection in one line: file, row, field, what was expected, what came."""
    value = "" if rejection.value is None else f", came {rejection.told!r}"
    return f"{path}: row {rejection.index}: {rejection.field or 'row'}: {rejection.detail}{value}"
