"""The watch over every request: an identifier, a line in the log, a sample of its duration.

Invariant: whatever happens behind it, a request is answered, its answer carries `X-Request-ID`, and
one line tells it by method, documented path, status, time and key id; never by what it carried.
"""

import logging
import time
import uuid
from collections.abc import Callable
from functools import partial
from http import HTTPMethod

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from serving.metrics import observe_request
from serving.principal import PRINCIPAL
from serving.problems import REQUEST_ID, unexpected
from serving.templates import OTHER, Templates

__all__ = ["HEADER", "Watch"]

HEADER = "X-Request-ID"
_WATCHED = "tidewaiter.watched"
_METHODS = frozenset(HTTPMethod)
# Asked every few seconds; told only when they fail.
_ROUTINE = frozenset({"/livez", "/readyz", "/healthz", "/metrics"})
_log = logging.getLogger(__name__)


class Watch:
    """ASGI middleware that identifies, logs and times requests.

    Parameters
    ----------
    app : ASGIApp
        What is watched.
    templates : callable
        Returns the documented paths; asked at each request, because a service has none before it
        started.
    """

    def __init__(self, app: ASGIApp, templates: Callable[[], Templates]) -> None:
        self._app = app
        self._templates = templates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Watch a request, unless somebody further out already does."""
        if scope["type"] != "http" or _WATCHED in scope:
            await self._app(scope, receive, send)
            return
        identifier = _identifier(Headers(scope=scope).get(HEADER))
        scope[_WATCHED] = True
        answer = _Answer(send, identifier, partial(self._tell, scope, time.perf_counter()))
        with bound_contextvars(**{REQUEST_ID: identifier}):
            try:
                await self._app(scope, receive, answer.send)
            except Exception:  # noqa: BLE001 - whatever it was, the caller gets an answer
                _log.exception("an error of ours")
                if answer.status is None:
                    await unexpected().response(scope["path"])(scope, receive, answer.send)
            finally:
                answer.tell()

    def _tell(self, scope: Scope, started: float, status: int | None) -> None:
        seconds = time.perf_counter() - started
        method = scope["method"] if scope["method"] in _METHODS else OTHER
        route = self._templates().of(scope["path"])
        observe_request(method, route, status or 0, seconds)
        if route in _ROUTINE and status is not None and status < 400:
            return
        principal = scope.get(PRINCIPAL)
        said = {"method": method, "route": route, "status": status}
        said |= {"duration_ms": round(seconds * 1000, 3)}
        said |= {"key_id": principal.key_id, "role": principal.role} if principal else {}
        _log.info("request", extra=said)


class _Answer:
    """An answer on its way out: identified, and told as soon as it has left.

    Its caller does not wait for a line in the log, and whoever asks this worker next finds it there
    and in the metrics.
    """

    def __init__(self, send: Send, identifier: str, tell: Callable[[int | None], None]) -> None:
        self._send = send
        self._identifier = identifier
        self._tell = tell
        self._told = False
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)[HEADER] = self._identifier
        await self._send(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self.tell()

    def tell(self) -> None:
        """Say once how the request ended."""
        if not self._told:
            self._told = True
            self._tell(self.status)


def _identifier(given: str | None) -> str:
    """Keep the caller's identifier if it is a UUID; any other text could tell of a person."""
    try:
        return str(uuid.UUID(given))
    except (TypeError, ValueError):
        return str(uuid.uuid4())
