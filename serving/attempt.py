"""Work that may fail in any way without harm: what becomes of it is a value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

__all__ = ["Failure", "attempt"]

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Failure:
    """What kept some work from its result."""

    error: Exception


def attempt(work: Callable[[], _Result]) -> _Result | Failure:
    """Do some work and return what came of it.

    Examples
    --------
    >>> attempt(lambda: 6 / 2)
    3.0
    >>> attempt(lambda: 6 / 0)
    Failure(error=ZeroDivisionError('division by zero'))
    """
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - whatever it is, others go on
        return Failure(error)
