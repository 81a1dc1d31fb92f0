"""How much is worked on at once, and for how long: more is told when to come again.

Invariant: what was begun is finished, and keeps its place until then, even where its caller was
told that it takes too long; so no number of callers makes more work at once than the limit.
"""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.metrics import ADMITTED
from serving.problems import Problem, unavailable
from serving.requests import Limits

__all__ = ["Capacity"]

# Whether the process lives, could answer, and what it is busy with, is told in any case.
_ALWAYS = frozenset({"/livez", "/readyz", "/healthz", "/metrics"})
_ADMITTED = "tidewaiter.admitted"
_RETRY_S = 1


class Capacity:
    """ASGI middleware that admits so many requests at once.

    Parameters
    ----------
    app : ASGIApp
        What stands behind.
    limits : Limits
        How many requests at once, and how long one may take.
    """

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits
        self._at_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Admit a request if there is a place, and wait for its answer as long as it may take."""
        if scope["type"] != "http" or scope["path"] in _ALWAYS or _ADMITTED in scope:
            await self._app(scope, receive, send)
        elif self._at_work >= self._limits.at_once:
            await self._full().response(scope["path"])(scope, receive, send)
        else:
            scope[_ADMITTED] = True
            await self._admit(scope, receive, _Answer(send))

    async def _admit(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        loop, telling = asyncio.get_running_loop(), list[asyncio.Task[None]]()

        def give_up() -> None:
            if not answer.begun:
                answer.given_up = True
                told = self._too_long().response(scope["path"])
                telling.append(loop.create_task(told(scope, receive, answer.send_anyway)))

        late = loop.call_later(self._limits.seconds, give_up)
        self._at_work += 1
        ADMITTED.inc()
        try:
            await self._app(scope, receive, answer.send)
        finally:
            late.cancel()
            self._at_work -= 1
            ADMITTED.dec()
            for told in telling:
                await told

    def _full(self) -> Problem:
        detail = f"expected fewer than {self._limits.at_once} requests at once, this is one more"
        return unavailable(detail, _RETRY_S)

    def _too_long(self) -> Problem:
        detail = (
            f"expected to answer within {self._limits.seconds:g} s, it takes longer and goes on;"
            " the same records again will find it done"
        )
        return unavailable(detail, _RETRY_S)


class _Answer:
    """An answer on its way out, unless its caller was told something else meanwhile."""

    def __init__(self, send: Send) -> None:
        self.send_anyway = send
        self.begun = False
        self.given_up = False

    async def send(self, message: Message) -> None:
        self.begun = True
        if not self.given_up:
            await self.send_anyway(message)
