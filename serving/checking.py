"""Check the records of a request: what is good, and every reason why the rest is not.

Invariant: a record is either accepted or named in the errors, never neither; the errors are in the
order of the records.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from features.records import (
    WITHHELD,
    CheckedRows,
    Rejection,
    check_mappings,
    clash,
    contradiction,
    kind_of,
    without_failed,
)
from serving.answers import RecordError, sayable
from serving.metrics import count_rejected, stage

Row = dict[str, Any]


def check_records(
    kind: str, rows: Sequence[object], received_at: datetime, *, writes_history: bool
) -> tuple[dict[int, Row], list[RecordError]]:
    """Check records of one kind.

    Parameters
    ----------
    kind : str
        Such as ``declarations``.
    rows : sequence
        What came in `records`; anything that is no object is an error.
    received_at : datetime
        When they came: their `known_at`.
    writes_history : bool
        Whether a record may say its own `known_at`.

    Returns
    -------
    dict
        The accepted records by their position in `rows`, not yet pseudonymised: plain values, None
        for missing. The same record twice counts once.
    list of RecordError
        The reasons of all others.
    """
    with stage("validate"):
        return _checked(kind, rows, received_at, writes_history=writes_history)


def _checked(
    kind: str, rows: Sequence[object], received_at: datetime, *, writes_history: bool
) -> tuple[dict[int, Row], list[RecordError]]:
    objects = {index: row for index, row in enumerate(rows) if isinstance(row, dict)}
    known = {} if writes_history else {"known_at": received_at}
    checked = check_mappings(kind, [row | known for row in objects.values()], received_at)
    checked = _without_duplicates(kind, checked)
    if len(objects) == len(rows) and not checked.rejected:
        return checked.accepted, []
    positions = list(objects)
    errors = [_error(positions[rejection.index], rejection) for rejection in checked.rejected]
    errors += [_no_object(kind, i, row) for i, row in enumerate(rows) if i not in objects]
    accepted = {positions[i]: row for i, row in checked.accepted.items()}
    count_rejected(kind, [error.code for error in errors])
    return accepted, in_order(errors)


def in_order(errors: Iterable[RecordError]) -> list[RecordError]:
    """Put errors in the order of the records that they are of."""
    return sorted(errors, key=lambda error: error.index)


def contradictions(
    kind: str, accepted: Mapping[int, Row], places: Sequence[int]
) -> list[RecordError]:
    """Name the accepted records, by their places among those, that contradict what is stored."""
    positions = list(accepted)
    told = [
        _error(positions[place], contradiction(kind_of(kind), place, accepted[positions[place]]))
        for place in places
    ]
    count_rejected(kind, [error.code for error in told])
    return told


def _without_duplicates(kind: str, checked: CheckedRows) -> CheckedRows:
    """Keep one of equal records; reject those that share an identity but differ."""
    definition, rows = kind_of(kind), checked.accepted
    identity = itemgetter(*definition.identity)
    if len({*map(identity, rows.values())}) == len(rows):
        return checked
    sharing: dict[Any, list[int]] = {}
    for index, row in rows.items():
        sharing.setdefault(identity(row), []).append(index)
    same = {places[0]: rows[places[0]] for places in sharing.values()}
    clashing = [
        clash(definition, index, rows[index])
        for places in sharing.values()
        if any(rows[index] != rows[places[0]] for index in places)
        for index in places
    ]
    return without_failed(definition, CheckedRows(same, [*checked.rejected, *clashing]))


def _error(index: int, rejection: Rejection) -> RecordError:
    identifier = sayable(rejection.id)
    return RecordError(
        index=index,
        id=None if identifier is None else str(identifier),
        field=rejection.field,
        code=rejection.code,
        detail=rejection.detail,
        value=sayable(rejection.told),
    )


def _no_object(kind: str, index: int, row: object) -> RecordError:
    return RecordError(
        index=index,
        id=None,
        field="",
        code="object",
        detail="expected an object of field names and values",
        value=WITHHELD if kind_of(kind).sealed else sayable(row),
    )
