"""Versions of a record: which rows of a batch are new, which amend, which change nothing.

A record's versions are ordered by ``known_at``; each holds until the next. Neighbours of the same
content are one version, the earlier. So the same facts, in any order of arrival, leave the same
versions behind; but where a record returns to what it said before, and that is told before what it
returned from, the return was nothing new when it came, and is not kept.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from features.records import Kind
from features.store.rows import Records, Rows

__all__ = ["Plan", "Version", "as_first_known", "content_hashes", "hashes", "plan"]


class Version(NamedTuple):
    """A version; ``position`` is its place in an arriving batch, ``seq`` its row once stored."""

    known_at: int
    content_hash: str
    seq: int | None = None
    position: int | None = None


@dataclass
class Plan:
    """What a batch does to the store.

    ``inserted`` maps positions in the batch to the instant that supersedes them, or None; ``ended``
    maps stored rows to it; ``removed`` are stored rows that turned out to repeat an earlier one.
    ``contradicting`` are positions of what says something else than what is stored of that instant.
    """

    inserted: dict[int, int | None] = field(default_factory=dict)
    ended: dict[int, int | None] = field(default_factory=dict)
    removed: list[int] = field(default_factory=list)
    contradicting: list[int] = field(default_factory=list)
    unchanged: int = 0
    amended: int = 0


def content_hashes(records: Records, kind: Kind) -> list[str]:
    """Hash what each record says, without when it was known: 32 hexadecimal digits of BLAKE2b."""
    return hashes(Rows.of(records, kind))


def hashes(rows: Rows) -> list[str]:
    """Hash what each row says.

    A flag is part of it only where it is true, so that records from before it hash as they did.
    """
    typed = rows.kind.typed
    columns = rows.said | {name: _numbers(rows.said[name]) for name in typed[float]}
    for name in ("known_at", *typed[bool]):
        del columns[name]
    texts = [
        "\x1f".join(["" if cell is None else f"{cell}" for cell in cells])
        for cells in zip(*columns.values(), strict=True)
    ]
    for name in typed[bool]:
        marks = zip(texts, rows.said[name], strict=True)
        texts = [f"{text}\x1f{name}" if flag else text for text, flag in marks]
    return [
        hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()
        for text in texts
    ]


def _numbers(values: list[Any]) -> list[str]:
    return ["nan" if value is None else repr(float(value)) for value in values]


def as_first_known(
    identities: Sequence[tuple[object, ...]],
    arriving: Sequence[Version],
    stored: Iterable[tuple[tuple[object, ...], Version, int | None]],
    received_at: int,
) -> list[Version]:
    """Date what arrives: a record already known unchanged is known from when it first was.

    Parameters
    ----------
    received_at : int
        When the records came, in microseconds. One that names no earlier instant of its own stays
        known as it is in force, though whoever brought it first was told of it a little later.
    """
    spans: dict[tuple[tuple[object, ...], str], list[tuple[int, int | None]]] = defaultdict(list)
    for identity, version, end in stored:
        spans[identity, version.content_hash].append((version.known_at, end))

    def first(identity: tuple[object, ...], version: Version) -> int:
        for since, end in spans.get((identity, version.content_hash), ()):
            is_held = since <= version.known_at and (end is None or version.known_at < end)
            if is_held or (end is None and version.known_at == received_at):
                return since
        return version.known_at

    return [
        version._replace(known_at=first(identity, version))
        for identity, version in zip(identities, arriving, strict=True)
    ]


def plan(
    identities: Sequence[tuple[object, ...]],
    arriving: Sequence[Version],
    stored: Iterable[tuple[tuple[object, ...], Version, int | None]],
) -> Plan:
    """Plan a batch.

    Parameters
    ----------
    identities : sequence of tuple
        Identity of each arriving row.
    arriving : sequence of Version
        The rows, in order.
    stored : iterable of (identity, version, superseded_at)
        What the store already holds of the groups concerned.
    """
    result = Plan()
    known: dict[tuple[object, ...], list[Version]] = defaultdict(list)
    ends: dict[int, int | None] = {}
    for identity, version, superseded_at in stored:
        known[identity].append(version)
        ends[int(version.seq or 0)] = superseded_at
    pending: dict[tuple[object, ...], list[Version]] = defaultdict(list)
    for identity, version in zip(identities, arriving, strict=True):
        pending[identity].append(version)
    for identity, versions in pending.items():
        _plan_record(result, known.get(identity, []), versions, ends)
    return result


def _plan_record(
    result: Plan, stored: list[Version], arriving: list[Version], ends: dict[int, int | None]
) -> None:
    # Of versions known at one instant, the one stored first counts, else the last in the batch.
    by_instant = {version.known_at: version for version in arriving}
    by_instant |= {version.known_at: version for version in stored}
    ordered = [by_instant[instant] for instant in sorted(by_instant)]
    kept = [
        v for i, v in enumerate(ordered) if i == 0 or v.content_hash != ordered[i - 1].content_hash
    ]
    for version, following in zip(kept, [*kept[1:], None], strict=True):
        end = following.known_at if following else None
        if version.seq is None:
            result.inserted[int(version.position or 0)] = end
        elif ends[version.seq] != end:
            result.ended[version.seq] = end
    survivors = {version.seq for version in kept if version.seq is not None}
    result.removed += [v.seq for v in stored if v.seq is not None and v.seq not in survivors]
    new = sum(version.seq is None for version in kept)
    held = [(v, by_instant[v.known_at]) for v in arriving]
    others = [v for v, at in held if at.seq is not None and at.content_hash != v.content_hash]
    result.contradicting += [int(version.position or 0) for version in others]
    result.unchanged += len(arriving) - new - len(others)
    result.amended += new if stored else max(new - 1, 0)
