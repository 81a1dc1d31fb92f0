"""Check the records of a request: what is good, and every reason why the rest is not.

Invariant: a record is either accepted or named in the errors, never neither; the errors are in the
order of the records.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import pandas as pd

from features.records import WITHHELD, Checked, Rejection, check_rows, kind_of, reject_groups
from serving.answers import RecordError, sayable
from serving.metrics import count_rejected, stage


@stage("validate")
def check_records(
    kind: str, rows: Sequence[object], received_at: datetime, *, writes_history: bool
) -> tuple[pd.DataFrame, list[RecordError]]:
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
    DataFrame
        The accepted records, not yet pseudonymised, indexed by their position in `rows`. The same
        record twice counts once.
    list of RecordError
        The reasons of all others.
    """
    objects = {index: row for index, row in enumerate(rows) if isinstance(row, Mapping)}
    known = {} if writes_history else {"known_at": received_at}
    checked = check_rows(kind, [{**row, **known} for row in objects.values()], received_at)
    checked = _without_duplicates(kind, checked)
    positions = list(objects)
    errors = [_error(positions[rejection.index], rejection) for rejection in checked.rejected]
    errors += [_no_object(kind, i, row) for i, row in enumerate(rows) if i not in objects]
    accepted = checked.accepted.set_axis([positions[i] for i in checked.accepted.index], axis=0)
    count_rejected(kind, [error.code for error in errors])
    return accepted, sorted(errors, key=lambda error: error.index)


def _without_duplicates(kind: str, checked: Checked) -> Checked:
    """Keep one of equal records; reject those that share an identity but differ."""
    definition = kind_of(kind)
    frame = checked.accepted.drop_duplicates()
    twice = frame.duplicated(list(definition.identity), keep=False)
    name = definition.identity[-1]
    detail = f"expected each {' and '.join(definition.identity)} once, got different records of one"
    clashing = frame[twice]
    said = zip(clashing.index, clashing[definition.group], clashing[name], strict=True)
    rejected = [
        Rejection(int(index), str(group), name, "duplicate", detail, value)
        for index, group, value in said
    ]
    return reject_groups(definition, Checked(frame, [*checked.rejected, *rejected]))


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
