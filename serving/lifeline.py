"""A worker does not outlive the service that started it.

BentoML's workers run in sessions of their own and hold the service's socket: were the first process
killed outright, they would go on answering on a port that its successor needs.
"""

import os
import signal
import threading
import time
from collections.abc import Callable

__all__ = ["end_with_parent"]

_POLL_SECONDS = 0.25


def end_with_parent(end: Callable[[], None] | None = None) -> threading.Thread:
    """Watch the parent process from a thread, and end this process when it is gone.

    Parameters
    ----------
    end : callable, optional
        What ends this process; by default a SIGTERM to itself, so that it finishes what it has.
    """
    parent = os.getppid()
    finish = end or (lambda: os.kill(os.getpid(), signal.SIGTERM))

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_POLL_SECONDS)
        finish()

    thread = threading.Thread(target=watch, name="lifeline", daemon=True)
    thread.start()
    return thread
