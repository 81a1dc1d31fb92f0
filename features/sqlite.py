"""SQLite's count of the memory it holds, which a process that only serves does without.

SQLite counts every piece that it takes or frees, behind one lock for all threads: a tenth of what
its statements cost, and threads with connections of their own wait for each other. Its manual
advises to do without (https://sqlite.org/compile.html, SQLITE_DEFAULT_MEMSTATUS), which is to be
said before it is used.

Invariant: nothing changes where SQLite is in use already, or cannot be told.
"""

from __future__ import annotations

import ctypes
import importlib.util
import sys
from threading import Event

__all__ = ["is_counted", "stop_counting"]

_MEMSTATUS = 9  # SQLITE_CONFIG_MEMSTATUS
_stopped = Event()


def stop_counting() -> bool:
    """Have SQLite count no memory from now on in this process; tell whether it does not.

    To be called before another thread may open a database.
    """
    library = None if _stopped.is_set() else _library()
    if library is None or not _is_unused(library):
        return _stopped.is_set()
    if library.sqlite3_shutdown() == 0 and library.sqlite3_config(_MEMSTATUS, 0) == 0:
        _stopped.set()
    if library.sqlite3_initialize() != 0:
        raise RuntimeError("expected SQLite to start again, it does not")
    return _stopped.is_set()


def is_counted() -> bool:
    """Whether SQLite counts its memory, as it must where the sum of it is to have a limit."""
    return not _stopped.is_set()


def _is_unused(library: ctypes.CDLL) -> bool:
    """Whether SQLite holds nothing for anyone: it counts what is taken, and nothing was before."""
    before, taken = library.sqlite3_memory_used(), library.sqlite3_malloc(8)
    counted = library.sqlite3_memory_used()
    library.sqlite3_free(ctypes.c_void_p(taken))
    return before == 0 and counted > 0


def _library() -> ctypes.CDLL | None:
    """Find the library that Python's own module uses, where it can be told to do otherwise."""
    module = importlib.util.find_spec("_sqlite3")
    if module is None or sys.platform != "linux":  # elsewhere arguments may be passed otherwise
        return None
    library = ctypes.CDLL(module.origin if module.has_location else None)
    if not hasattr(library, "sqlite3_config"):
        return None
    library.sqlite3_memory_used.restype = ctypes.c_int64
    library.sqlite3_malloc.restype = ctypes.c_void_p
    return library
