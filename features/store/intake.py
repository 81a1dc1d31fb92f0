"""Taking records in: one transaction a batch, after which records, facts and tiles agree.

New groups of records add their facts and merge them into tiles and pairs. Where a batch changes a
group already known, all that its facts said is taken out first, and then they are added as new ones
are: see :mod:`features.store.amending`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import compress

from sqlalchemy import Connection, bindparam, delete, update

from features.facts import FACTS, SUBJECTS
from features.records import Kind, kind_of
from features.store.amending import check_days, refill, touch, withdraw
from features.store.compiled import compiled_once
from features.store.derived import check_definitions
from features.store.engine import driven, take_turn
from features.store.held import Held, dated, held
from features.store.merging import make_merging_statements, merge
from features.store.rows import AT_ONCE, Records, Rows, chunks
from features.store.schema import metadata
from features.store.statements import (
    driver_sql,
    facts_of,
    fill_facts,
    insertion,
    possible_facts,
)
from features.store.versions import Plan, Version, hashes, plan

__all__ = ["Taken", "make_statements", "take_in"]

_ROWS = 5_000
_MANY = 1_000


@dataclass(frozen=True)
class Taken:
    """How many rows were new, how many changed nothing, how many amended a record known before.

    ``versions`` are the rows as they count now, in their order: since when, and the content's hash.
    ``first`` says that nothing was known of their groups, such as other items of a declaration, in
    any version.
    ``contradicting`` are the places of rows that were not taken in, as the store has another
    version of that record from that very instant on.
    """

    inserted: int
    unchanged: int
    amended: int
    versions: tuple[Version, ...] = field(default=(), compare=False, repr=False)
    first: bool = field(default=False, compare=False, repr=False)
    contradicting: tuple[int, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return bool(self.inserted or self.amended)


def take_in(  # noqa: PLR0913, PLR0917 - who waits for what of it
    connection: Connection,
    kind_name: str,
    records: Records,
    progress: Callable[[int], None] | None = None,
    received_at: datetime | None = None,
    between: Callable[[Taken], None] | None = None,
    aside: Callable[[Callable[[], None]], None] | None = None,
) -> Taken:
    """Write accepted, pseudonymised records within the caller's transaction.

    Parameters
    ----------
    between : callable, optional
        Called where all records are of one group that was known before, such as a declaration:
        when its own facts have been taken out of the store, and are not in it anew. What is asked
        about the group then is answered as if asked afterwards, as no record sees its own group.
    aside : callable, optional
        Given what is left to do before the transaction ends, where nothing was known of the
        records' groups before: to merge their facts.
    """
    kind = kind_of(kind_name)
    rows = Rows.of(records, kind)
    digests = hashes(rows)
    take_turn(connection)
    check_definitions(connection)
    stored = held(connection, kind, rows.stored[kind.group])
    arriving = dated(rows, digests, stored, received_at)
    rows = rows.known_at([version.known_at for version in arriving])
    decided = plan(rows.identities(), arriving, stored)
    taken = Taken(
        len(decided.inserted) - decided.amended,
        decided.unchanged,
        decided.amended,
        tuple(arriving),
        first=not stored,
        contradicting=tuple(sorted(decided.contradicting)),
    )
    report = progress or (lambda _: None)
    if decided.inserted or decided.ended or decided.removed:
        batch = _Batch(connection, kind, secrets.randbits(62), is_few=len(rows) < _MANY)
        known, new = _by_group(rows, decided, stored)
        _end(connection, kind, decided)
        _write(connection, rows, digests, batch.number, known)
        before = _last(connection, kind)
        _write(connection, rows, digests, batch.number, new)
        report(len(rows) // 2)
        touched = _changed_groups(rows, known, decided, stored)
        is_one = bool(touched) and len({*rows.stored[kind.group]}) == 1
        asked = partial(between, taken) if between and is_one else None
        names = rows.stored[kind.group]
        told = {names[position] for position in new}
        batch.tell(before, touched, told, asked, aside if taken.first else None)
    else:
        report(len(rows) // 2)
    report(len(rows) - len(rows) // 2)
    return taken


def make_statements(kind: str, dialect: str) -> None:
    """Make and keep the statements by which records of a kind become facts and tiles."""
    for name in facts_of(kind):
        _fill(name, dialect, kind)
        make_merging_statements(name, dialect)


def _by_group(
    rows: Rows, decided: Plan, stored: list[Held]
) -> tuple[dict[int, int | None], dict[int, int | None]]:
    """Part what is inserted, by whether anything was known of its group before."""
    place = rows.kind.identity.index(rows.kind.group)
    touched = {identity[place] for identity, _, _ in stored}
    names = rows.stored[rows.kind.group]
    inserted = sorted(decided.inserted.items())
    known = {position: end for position, end in inserted if names[position] in touched}
    return known, {position: end for position, end in inserted if position not in known}


def _changed_groups(
    rows: Rows, known: Collection[int], decided: Plan, stored: list[Held]
) -> set[object]:
    place = rows.kind.identity.index(rows.kind.group)
    moved = set(decided.ended) | set(decided.removed)
    names = rows.stored[rows.kind.group]
    groups: set[object] = {names[position] for position in known}
    return groups | {identity[place] for identity, version, _ in stored if version.seq in moved}


def _last(connection: Connection, kind: Kind) -> dict[str, int]:
    """Read the last row of a kind's table, and of every table of facts made from it."""
    tables = (kind.name, *(f"facts_{name}" for name in facts_of(kind.name)))
    lasts = ", ".join(f"(SELECT COALESCE(MAX(seq), 0) FROM {table})" for table in tables)
    with driven(connection) as cursor:
        cursor.execute(f"SELECT {lasts}")
        (row,) = cursor.fetchall()
    return dict(zip(tables, row, strict=True))


def _end(connection: Connection, kind: Kind, decided: Plan) -> None:
    """Say of versions that were replaced since when; leave out those that were never in force."""
    table = metadata.tables[kind.name]
    for chunk in chunks(decided.removed, AT_ONCE):
        connection.execute(delete(table).where(table.c.seq.in_(chunk)))
    if decided.ended:
        ending = (
            update(table)
            .where(table.c.seq == bindparam("row"))
            .values(superseded_at=bindparam("end"))
        )
        connection.execute(ending, [{"row": seq, "end": end} for seq, end in decided.ended.items()])


def _write(
    connection: Connection,
    rows: Rows,
    digests: list[str],
    batch: int,
    ends: Mapping[int, int | None],
) -> None:
    """Write rows by their places, each with the instant from which another version holds."""
    if not ends:
        return
    table = metadata.tables[rows.kind.name]
    columns = {name: [values[i] for i in ends] for name, values in rows.stored.items()}
    columns["content_hash"] = [digests[i] for i in ends]
    columns["batch"] = [batch] * len(ends)
    columns["superseded_at"] = [*ends.values()]
    query = insertion(table.name, tuple(columns), connection.dialect.name)
    written = list(zip(*columns.values(), strict=True))
    with driven(connection, query) as cursor:
        for chunk in chunks(written, _ROWS):
            cursor.executemany(query, chunk)
    if len(written) >= _MANY and connection.dialect.name == "postgresql":
        # Else it plans for the few rows there were before, one by one.
        connection.exec_driver_sql(f"ANALYZE {table.name}")


@dataclass(frozen=True)
class _Batch:
    """Records of a kind that were written, whose facts are still to be told."""

    connection: Connection
    kind: Kind
    number: int
    is_few: bool

    def tell(
        self,
        before: dict[str, int],
        touched: set[object],
        new: set[object],
        between: Callable[[], None] | None,
        aside: Callable[[Callable[[], None]], None] | None,
    ) -> None:
        """Add the facts of new groups, and make those of touched groups anew.

        Parameters
        ----------
        before : dict of str to int
            The last row of every table before what is new: see :func:`_last`.
        """
        names = touch(self.connection, self.kind, touched, new) if touched else ()
        firsts = {name: withdraw(self.connection, FACTS[name]) for name in names}
        own = [name for name in names if between and _is_own(name, self.kind)]
        filling = self._filling(before, names, has_new=bool(new))
        added = self._fill({name: filling[name] for name in filling if name not in own}, before)
        if aside:
            aside(partial(self._merge, added))
            return
        self._merge(added)
        if between:
            between()
            self._merge(self._fill({name: filling[name] for name in own}, before))
        for name, first in firsts.items():
            check_days(self.connection, FACTS[name], first)

    def _filling(
        self, before: dict[str, int], touched: Collection[str], *, has_new: bool
    ) -> dict[str, str]:
        """Give the statement that adds facts to each relation that may get any."""
        dialect, kind = self.connection.dialect.name, self.kind.name
        filling = {name: refill(name, dialect) for name in touched}
        if not has_new or len(filling) == len(facts_of(kind)):
            return filling
        with driven(self.connection) as cursor:
            fresh = {"seq": before[kind], "batch": self.number}
            cursor.execute(possible_facts(kind, dialect), fresh)
            possible = compress(facts_of(kind), cursor.fetchone() or ())
        return {name: _fill(name, dialect, kind) for name in possible} | filling

    def _fill(self, filling: dict[str, str], before: dict[str, int]) -> dict[str, int]:
        """Add facts to relations, and give the last row that each had which got any."""
        added = {}
        with driven(self.connection) as cursor:
            for name, statement in filling.items():
                cursor.execute(statement, {"seq": before[self.kind.name], "batch": self.number})
                if cursor.rowcount:
                    added[name] = before[f"facts_{name}"]
        return added

    def _merge(self, added: dict[str, int]) -> None:
        """Merge the facts that came after some rows."""
        with driven(self.connection) as cursor:
            for name, last in added.items():
                fresh = {"seq": last, "batch": self.number}
                merge(self.connection, cursor, name, fresh, is_few=self.is_few)


def _is_own(facts: str, kind: Kind) -> bool:
    """Whether facts are of the subject that records of a kind are."""
    return any(FACTS[facts].own(name) for name, one in SUBJECTS.items() if one.kind == kind.name)


@compiled_once
def _fill(facts: str, dialect: str, kind: str) -> str:
    return driver_sql(fill_facts(facts, dialect, kind).text, dialect)
