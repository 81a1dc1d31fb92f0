"""Several clients of a server at once, each with a connection and requests of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.benchmarks.caller import Caller


@dataclass(frozen=True)
class Crowd:
    """Callers who ask at once."""

    callers: Sequence[Caller]
    pool: ThreadPoolExecutor

    @classmethod
    @contextmanager
    def like(cls, caller: Caller, count: int) -> Iterator[Crowd]:
        """Open so many connections more to where a caller's leads."""
        with ExitStack() as stack:
            callers = [stack.enter_context(caller.again()) for _ in range(count)]
            yield cls(callers, stack.enter_context(ThreadPoolExecutor(count)))

    def ask(self, method: str, path: str, bodies: Sequence[bytes]) -> None:
        """Share requests out among the callers, and wait until all are answered."""

        def send(place: int) -> None:
            for body in bodies[place :: len(self.callers)]:
                self.callers[place].ask(method, path, body)

        list(self.pool.map(send, range(len(self.callers))))
