"""Calls for scores: what each brought, once it is checked, and which go well together.

Invariant: calls that share a set have no shipment or crossing in common, and all of their records
became known at the instant of the set, so that none makes a difference to another's score.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from features.language import Language
from features.records import Kind, pseudonymise_mappings
from serving.answers import WITHDRAWN, RecordError, ScoresText
from serving.checking import Row, check_records, contradictions, in_order
from serving.principal import Principal
from serving.roles import Permission

__all__ = ["Call", "Checked", "parted", "told_each"]

_LATER = timedelta(microseconds=1)


@dataclass(frozen=True, eq=False)
class Call:
    """What came: records, when, from whom, and the language of the answer."""

    rows: Sequence[object]
    received_at: datetime
    principal: Principal
    language: Language

    @property
    def records(self) -> int:
        """Count the records."""
        return len(self.rows)

    @property
    def may_file(self) -> bool:
        """Whether what it brings is taken in."""
        return self.principal.role.may(Permission.FILE_RECORDS)

    @property
    def alike(self) -> bool:
        """What calls of one set have in common."""
        return self.may_file

    def checked(self, kind: Kind, key: bytes, received_at: datetime) -> Checked:
        """Check its records, as known when its set begins, and pseudonymise those that are good."""
        writes_history = self.principal.role.may(Permission.WRITE_HISTORY)
        accepted, errors = check_records(
            kind.name, self.rows, received_at, writes_history=writes_history
        )
        records = pseudonymise_mappings(accepted.values(), kind.name, key)
        return Checked(self, kind, accepted, records, errors, received_at)


@dataclass(frozen=True, eq=False)
class Checked:
    """A call whose records are checked.

    Attributes
    ----------
    accepted : dict
        The good records, by their position in the call.
    records : list
        The same, pseudonymised.
    errors : list
        Why the others are not good.
    known_at : datetime
        Since when a record counts that does not say so itself.
    """

    call: Call
    kind: Kind
    accepted: dict[int, Row]
    records: list[Row]
    errors: list[RecordError]
    known_at: datetime

    @property
    def subjects(self) -> list[str]:
        """The shipments or crossings in order of first appearance."""
        return list(dict.fromkeys(str(record[self.kind.group]) for record in self.records))

    @property
    def withdrawn(self) -> list[RecordError]:
        """Name the records that are withdrawals, which have no score."""
        return [
            RecordError(
                index=index,
                id=row[self.kind.group],
                field="cancelled",
                code=WITHDRAWN,
                detail="expected a record to score, got its withdrawal: there is nothing to score",
                value=True,
            )
            for index, row in self.accepted.items()
            if row["cancelled"]
        ]

    @property
    def is_plain(self) -> bool:
        """Whether all of it is to score, and became known only now."""
        return all(
            record["known_at"] == self.known_at and not record["cancelled"]
            for record in self.records
        )

    def later(self, known_at: datetime) -> Checked:
        """Give the same as known from a later instant on, where its records do not say when."""
        records = [
            {**record, "known_at": known_at} if record["known_at"] == self.known_at else record
            for record in self.records
        ]
        return replace(self, records=records, known_at=known_at)


def parted(calls: Sequence[Checked], known: Collection[str]) -> list[list[Checked]]:
    """Part calls, all checked as of one instant, into sets: one of most of them, and others alone.

    Each set is known some microseconds after the one before it: those alone may say otherwise what
    an earlier one said of the same shipment.

    Parameters
    ----------
    known : collection of str
        Subjects that were known before. Who amends one of them alone is answered much sooner by
        itself, and so are the others.
    """
    together: list[Checked] = []
    alone: list[Checked] = []
    seen: set[str] = set()
    for call in calls:
        subjects = call.subjects
        amends = len(subjects) == 1 and subjects[0] in known
        if len(calls) > 1 and (amends or not (call.is_plain and seen.isdisjoint(subjects))):
            alone.append(call)
        else:
            together.append(call)
            seen.update(subjects)
    sets = [[call.later(call.known_at + n * _LATER)] for n, call in enumerate(alone, 1)]
    return [together, *sets] if together else sets


def told_each(
    calls: Sequence[Checked],
    contradicting: Sequence[int],
    text: Callable[[str, Language], str | None],
) -> Iterator[ScoresText]:
    """Tell each call of a set its own scores and errors.

    Parameters
    ----------
    contradicting : sequence of int
        Places, among the good records of all calls, of those that contradict the store.
    text : callable
        Returns the score of a subject in a language, None where it has none.
    """
    first = 0
    for call in calls:
        places = [place - first for place in contradicting]
        own = [place for place in places if 0 <= place < len(call.records)]
        first += len(call.records)
        texts = [text(subject, call.call.language) for subject in call.subjects]
        errors = contradictions(call.kind.name, call.accepted, own)
        yield ScoresText(
            [one for one in texts if one is not None],
            in_order([*call.errors, *call.withdrawn, *errors]),
        )
