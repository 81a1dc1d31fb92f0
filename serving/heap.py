"""What a worker has freed goes back to the system, which others may need it from.

The C library keeps the most that was ever needed at one time. Versions that were replaced, the
largest call so far and pages of the store that another connection made stale leave holes in it,
and so it would grow for hours while nothing more is in use. Other C libraries than glibc have no
such call; there, nothing is done.
"""

import ctypes
import threading

__all__ = ["give_back", "give_back_regularly"]

# It takes some milliseconds, and as much again to ask for what is needed after all.
_EVERY_S = 30.0


def give_back() -> bool:
    """Give what is free back; tell whether any was."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return bool(trim is not None and trim(0))


def give_back_regularly(every_s: float = _EVERY_S) -> threading.Event:
    """Give it back again and again, from a thread, until the event is set."""
    ended = threading.Event()

    def keep_giving() -> None:
        while not ended.wait(every_s):
            give_back()

    threading.Thread(target=keep_giving, name="heap", daemon=True).start()
    return ended
