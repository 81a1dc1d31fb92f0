"""Say BentoML's own errors as problem details too.

Invariant: an error answer that is no problem details yet becomes one, with its status and sense
kept; every other answer passes untouched, streamed as it comes.
"""

import json
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.problems import MEDIA_TYPE, Problem


class Rephrase:
    """ASGI middleware that turns foreign errors into problem details.

    Parameters
    ----------
    app : ASGIApp
        Whose errors to rephrase.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and watch what is answered."""
        foreign = _ForeignError(scope, receive, send)
        await self._app(scope, receive, foreign.send if scope["type"] == "http" else send)


class _ForeignError:
    """One answer: passed on, or held back and said again."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._status: int | None = None
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_foreign(message):
            self._status = message["status"]
        elif self._status is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                problem = Problem(HTTPStatus(self._status), _sense(bytes(self._body)))
                answer = problem.response(self._scope["path"])
                await answer(self._scope, self._receive, self._send)


def _is_foreign(start: Message) -> bool:
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] >= HTTPStatus.BAD_REQUEST and not kind.startswith(MEDIA_TYPE)


def _sense(body: bytes) -> str:
    """Read what BentoML says: `{"error": ..., "detail": [{"msg": ...}]}` or plain text."""
    try:
        said: Any = json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace").strip()
    if not isinstance(said, dict):
        return str(said)
    details = said.get("detail")
    faults = details if isinstance(details, list) else []
    told = [f"{'.'.join(map(str, fault['loc']))} {fault['msg']}".strip() for fault in faults]
    return ": ".join([str(said.get("error", "")), "; ".join(told)]).strip(": ")
