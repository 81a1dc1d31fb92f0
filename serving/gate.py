"""The gate every request passes: a valid key, and a body within the limit.

Invariant: nothing behind the gate runs for a request without a valid key, but `/livez` and
`/readyz`; and no body longer than the limit, in bytes or in seconds, is read to its end. A key that
was valid a second ago is taken to be so still; one that was not is looked up again.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Protocol

from cachetools import TTLCache
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.principal import PRINCIPAL, Principal, hash_key
from serving.problems import Problem, unauthorised
from serving.requests import Limits
from serving.roles import Permission

OPEN_PATHS = frozenset({"/livez", "/readyz"})
_PASSED = "tidewaiter.passed"
# A key that is revoked, or expires, opens nothing after so long. Looking one up costs a short
# request a sixth of its time.
_TRUSTED_S = 1.0
_MOST_TRUSTED = 10_000


class Doorkeeper(Protocol):
    """Whoever knows the keys."""

    def check(self, key: str) -> Principal:
        """Return the holder of a key, or raise a 401 problem."""
        ...


class Gate:
    """ASGI middleware that lets through only those with a key.

    Parameters
    ----------
    app : ASGIApp
        What stands behind the gate.
    doorkeeper : callable
        Returns who checks the keys; asked at each request, because a service has none before it
        started.
    limits : Limits
        How long a body may be.
    needs : mapping
        Path to the permission it needs, where what stands behind does not ask itself.
    monotonic_s : callable
        A clock in seconds that never goes back.
    """

    def __init__(
        self,
        app: ASGIApp,
        doorkeeper: Callable[[], Doorkeeper],
        limits: Limits,
        needs: Mapping[str, Permission] = MappingProxyType({}),
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._doorkeeper = doorkeeper
        self._limits = limits
        self._needs = needs
        self._trusted: TTLCache[str, Principal] = TTLCache(
            _MOST_TRUSTED, _TRUSTED_S, timer=monotonic_s
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the key and the announced length, then pass on what no gate further out has."""
        if scope["type"] != "http" or _PASSED in scope:
            await self._app(scope, receive, send)
            return
        try:
            await self._admit(scope)
            replay = await self._taken(receive)
        except Problem as problem:
            await problem.response(scope["path"])(scope, receive, send)
        except ClientDisconnect:
            return
        else:
            scope[_PASSED] = True
            await self._app(scope, replay, send)

    async def _admit(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        if scope["path"] not in OPEN_PATHS:
            key = _bearer(headers.get("authorization"))
            scope[PRINCIPAL] = await self._holder(key)
        if scope["path"] in self._needs:
            scope[PRINCIPAL].must(self._needs[scope["path"]])
        announced = headers.get("content-length", "0")
        if announced.isdecimal() and int(announced) > self._limits.body_bytes:
            raise self._too_long()

    async def _holder(self, key: str) -> Principal:
        hashed = hash_key(key)
        holder = self._trusted.get(hashed)
        if holder is None:
            holder = await run_in_threadpool(self._doorkeeper().check, key)
            self._trusted[hashed] = holder
        return holder

    async def _taken(self, receive: Receive) -> Receive:
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                body = await self._body(receive)
        except TimeoutError:
            detail = f"expected a body within {self._limits.body_seconds:g} s, it did not arrive"
            raise Problem(HTTPStatus.REQUEST_TIMEOUT, detail) from None
        first: list[Message] = [{"type": "http.request", "body": body}]

        async def replay() -> Message:
            return first.pop() if first else await receive()

        return replay

    async def _body(self, receive: Receive) -> bytes:
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._limits.body_bytes:
                raise self._too_long()
        return bytes(body)

    def _too_long(self) -> Problem:
        detail = f"expected a body of at most {self._limits.body_bytes} bytes, got more"
        return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)


def _bearer(header: str | None) -> str:
    scheme, _, key = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise unauthorised("expected a key in the header `Authorization: Bearer KEY`, got none")
    return key.strip()
