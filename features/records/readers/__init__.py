"""Readers: each format an agency may file in, brought to raw batches of one kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from features.errors import TidewaiterError
from features.records.kinds import FILED, kind_of
from features.records.readers.batches import RawBatch
from features.records.readers.kcs import read_kcs
from features.records.readers.tabular import read_csv, read_jsonl, read_parquet

__all__ = ["FORMATS", "RawBatch", "files_of", "read"]

FORMATS: dict[str, Callable[[Path], Iterator[RawBatch]]] = {
    "csv": read_csv,
    "jsonl": read_jsonl,
    "kcs": read_kcs,
    "parquet": read_parquet,
}
_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}


def read(path: Path, format_name: str | None = None, kind: str | None = None) -> Iterator[RawBatch]:
    """Read a file in the named format, else in the one its suffix says.

    The kind of record is the one given, else the one whose required fields the file has.
    """
    name = format_name or _SUFFIXES.get(path.suffix.lower())
    if name not in FORMATS:
        raise TidewaiterError(f"{path}: expected --format, one of {', '.join(sorted(FORMATS))}")
    if not path.is_file():
        raise TidewaiterError(f"{path}: no such file")
    for batch in FORMATS[name](path):
        yield replace(batch, kind=kind or batch.kind or _recognise(path, batch))


def files_of(path: Path) -> list[Path]:
    """List the files to load: the path itself, or a folder's files of a known suffix, by name."""
    if not path.is_dir():
        return [path]
    return sorted(entry for entry in path.iterdir() if entry.suffix.lower() in _SUFFIXES)


def _recognise(path: Path, batch: RawBatch) -> str:
    for name in FILED:
        if not _missing(name, batch):
            return name
    named = [name for name in FILED if name in path.stem.lower()]
    if named:
        return named[0]
    closest = min(FILED, key=lambda name: len(_missing(name, batch)) / len(_required(name)))
    lacking = ", ".join(_missing(closest, batch))
    raise TidewaiterError(
        f"{path}: closest to {closest}, but without its required columns {lacking}"
    )


def _required(name: str) -> list[str]:
    return [field for field, info in kind_of(name).fields.items() if info.is_required()]


def _missing(name: str, batch: RawBatch) -> list[str]:
    return [field for field in _required(name) if field not in batch.columns]
