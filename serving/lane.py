"""A short way to the routes that are asked most: past routing, and what prepares arguments.

Invariant: what is asked here is answered as the application behind would: by the same function, and
with the same problems.
"""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.problems import Problem, store_answers

__all__ = ["Endpoint", "Lane"]

Endpoint = Callable[[Request], Awaitable[Response]]


class Lane:
    """ASGI middleware that answers some POST requests itself.

    Parameters
    ----------
    app : ASGIApp
        Who answers all others.
    endpoints : mapping of str to callable
        By path.
    """

    def __init__(self, app: ASGIApp, endpoints: Mapping[str, Endpoint]) -> None:
        self._app = app
        self._endpoints = endpoints

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        is_post = scope["type"] == "http" and scope["method"] == "POST"
        endpoint = self._endpoints.get(scope["path"]) if is_post else None
        if endpoint is None:
            await self._app(scope, receive, send)
            return
        try:
            with store_answers():
                answer = await endpoint(Request(scope, receive))
        except Problem as problem:
            answer = problem.response(scope["path"])
        await answer(scope, receive, send)
