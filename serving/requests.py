"""Read the records out of a request body, within limits.

Invariant: a record is never the reason a whole request fails here: NaN and infinity literals are
read as numbers, so that the check of records can name them.
"""

import json
from dataclasses import dataclass
from http import HTTPStatus

from serving.problems import Problem

_LONGEST_INTEGER = 300


@dataclass(frozen=True)
class Limits:
    """How much one call may carry.

    Parameters
    ----------
    body_bytes : int
        Longest body, in bytes.
    records : int
        Most records in one call.
    at_once : int
        Most requests that one worker process takes on at once.
    seconds : float
        Longest time for a request.
    body_seconds : float
        Longest time, of that, for its body to arrive.
    """

    body_bytes: int = 10_000_000
    records: int = 1_000
    at_once: int = 64
    seconds: float = 45
    body_seconds: float = 15


def read_records(body: bytes, limits: Limits) -> list[object]:
    """Read `{"records": [...]}`.

    Returns
    -------
    list
        The records as they came; what is not an object is left for the check to name.

    Raises
    ------
    Problem
        400 where the body is no JSON, 413 where it holds too many records, 422 where it has
        another shape.

    Examples
    --------
    >>> read_records(b'{"records": [{"net_mass_kg": NaN}]}', Limits())
    [{'net_mass_kg': nan}]
    """
    document = _parse(body)
    if not isinstance(document, dict) or not isinstance(document.get("records"), list):
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f'expected {{"records": [...]}}, got {_shape(document)}',
        )
    return check_count(document["records"], limits)


def check_count(records: list[object], limits: Limits) -> list[object]:
    """Return the records if there is at least one and no more than the limit."""
    if not records:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "expected at least one record, got none")
    if len(records) > limits.records:
        detail = f"expected at most {limits.records} records a call, got {len(records)}"
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
    return records


def _parse(body: bytes) -> object:
    try:
        return json.loads(body, parse_int=_parse_integer)
    except (ValueError, RecursionError) as error:
        detail = f"expected a JSON document, got {len(body)} bytes that are none: {error}"
        raise Problem(HTTPStatus.BAD_REQUEST, detail) from error


def _parse_integer(digits: str) -> int | float:
    """Read an integer; one that no float can hold is infinity, for the check to name."""
    return int(digits) if len(digits) < _LONGEST_INTEGER else float(digits)


def _shape(document: object) -> str:
    if isinstance(document, dict):
        keys = ", ".join(sorted(map(repr, document))[:5]) or "no keys"
        return f"an object with {keys}"
    return f"a {type(document).__name__}"
