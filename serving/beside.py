"""Work beside the event loop, which must wait for nothing: in threads, one a call at most."""

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import copy_context
from typing import TypeVar

__all__ = ["beside", "share_often"]

T = TypeVar("T")
# How long a thread goes on with Python while another waits to: by default 5 ms, which is what the
# database takes to do its part of a large call beside.
_SHARE_S = 0.0002


def share_often() -> None:
    """Let the threads of this process take shorter turns."""
    sys.setswitchinterval(_SHARE_S)


async def beside(threads: Executor, work: Callable[[], T]) -> T:
    """Do work in a thread, as the caller's context has it, and wait for it.

    Quicker than Starlette's own way, which lets the event loop turn twice before it begins.
    """
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(threads, copy_context().run, work)
