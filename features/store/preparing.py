"""Statements that are seldom needed, made ahead of need: they take seconds, once an installation.

Invariant: who serves meanwhile is not held up. Compiled in a thread, they would make every request
wait its turn hundreds of times; so a process of its own compiles and keeps them.
"""

from __future__ import annotations

import os
import subprocess
import sys

from features.store.amending import make_amending_statements
from features.store.compiled import can_keep, compiled_once, is_kept
from features.store.live import make_statements

__all__ = ["prepare_for_amendments"]

# It takes what processor time nobody else wants.
_NICE = 19


def prepare_for_amendments(subject: str, dialect: str) -> None:
    """Have the statements by which records are amended, and a subject is asked about beside these.

    Where nothing can be kept, they are made here.
    """
    if can_keep() and not is_kept(_made, subject, dialect):
        _make_beside(subject, dialect)
    _make(subject, dialect)


def _make(subject: str, dialect: str) -> None:
    make_amending_statements(dialect)
    make_statements(subject, dialect, is_loose=True)


@compiled_once
def _made(subject: str, dialect: str) -> bool:
    """Keep, after all of them, that they were made."""
    _make(subject, dialect)
    return True


def _make_beside(subject: str, dialect: str) -> None:
    made = f"from {__name__} import _made; _made({subject!r}, {dialect!r})"
    script = f"import os; os.nice({_NICE}); {made}"
    found_here = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", script],
        env={**os.environ, **found_here},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=False,  # then they are made here
    )
