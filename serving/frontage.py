"""What BentoML sees of the application, in the process that minds the workers too.

Invariant: that process, which answers nothing, imports nothing of what answers: it would take it
as long again before it starts the first worker.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from serving.app import Desk
    from serving.counter import Counter

__all__ = ["Frontage"]


class Frontage:
    """The application's place in the service."""

    @cached_property
    def _counter(self) -> Counter:
        from serving.counter import Counter  # noqa: PLC0415 - heavy; workers only

        return Counter()

    def open(self, desk: Desk) -> None:
        """Start serving a desk."""
        self._counter.open(desk)

    @property
    def desk(self) -> Desk:
        """The desk, or a 503 problem before there is one."""
        return self._counter.desk

    async def application(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer everything that no route of BentoML's own takes."""
        await self._counter.application(scope, receive, send)

    def guard(self, app: ASGIApp) -> ASGIApp:
        """Stand before all of BentoML's routes; liveness and readiness are ours."""
        return self._counter.guard(app)

    def score(self, subject: str, records: list[object], request: Request) -> Response:
        """Score a subject's records for a request that passed the gate."""
        return self._counter.score(subject, records, request)
