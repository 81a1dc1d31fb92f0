"""Records given as Parquet: what every engine demands of them before it computes features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from features.errors import TidewaiterError
from features.records import Kind

__all__ = ["check_columns", "refuse_repeated", "repeated"]


def check_columns(kind: Kind, types: Mapping[str, str], instant: str, path: object) -> None:
    """Refuse files that lack a required column, or tell instants without a time zone.

    Parameters
    ----------
    types : the columns there are, each with what the engine calls its type.
    instant : what the engine calls an instant.
    """
    absent = [n for n, info in kind.fields.items() if info.is_required() and n not in types]
    if absent:
        raise TidewaiterError(f"{path}: expected the columns {', '.join(absent)}, found none")
    for name, plain in {**kind.types, "superseded_at": datetime}.items():
        if plain is datetime and types.get(name, instant) != instant:
            raise TidewaiterError(
                f"{path}: {name}: expected instants with a time zone, found {types[name]}"
            )


def repeated(kind: Kind, relation: str) -> str:
    """Select a record of which several versions hold, and their number."""
    identity = ", ".join(kind.identity)
    return (
        f"SELECT {identity}, count(*) FROM {relation} WHERE superseded_at IS NULL"
        f" GROUP BY {identity} HAVING count(*) > 1 LIMIT 1"
    )


def refuse_repeated(kind: Kind, found: Sequence[object], path: object) -> None:
    """Refuse files for a record that :func:`repeated` found."""
    named = ", ".join(f"{n} {v}" for n, v in zip(kind.identity, found[:-1], strict=True))
    raise TidewaiterError(
        f"{path}: expected one version of each record without superseded_at; {named} has"
        f" {found[-1]}"
    )
