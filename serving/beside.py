"""Work beside the event loop, which must wait for nothing: in threads, one a call at most."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import copy_context
from typing import TypeVar

__all__ = ["beside"]

T = TypeVar("T")


async def beside(threads: Executor, work: Callable[[], T]) -> T:
    """Do work in a thread, as the caller's context has it, and wait for it.

    Quicker than Starlette's own way, which lets the event loop turn twice before it begins.
    """
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(threads, copy_context().run, work)
