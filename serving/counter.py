"""The application and what stands before BentoML's routes, in a worker; the first process has none.

Invariant: a desk is open before anything is answered but 503.
"""

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.app import SHORT_WAYS, Desk, create_app, score_records
from serving.entrance import entrance
from serving.inherited import NEEDS, inherited_paths
from serving.lane import Lane
from serving.languages import answered, language_of
from serving.principal import PRINCIPAL
from serving.problems import Problem, unavailable
from serving.rephrase import Rephrase
from serving.requests import Limits, check_count
from serving.templates import Templates

__all__ = ["Counter"]


class Counter:
    """Where a worker's callers are served."""

    def __init__(self) -> None:
        self._desk: Desk | None = None
        self._app: ASGIApp | None = None
        self._lane: ASGIApp | None = None
        self._templates = Templates()

    def open(self, desk: Desk) -> None:
        """Start serving a desk."""
        self._desk = desk
        self._app = app = create_app(desk, inherited_paths())
        self._lane = Lane(app, SHORT_WAYS)
        self._templates = Templates(app.openapi()["paths"])

    @property
    def desk(self) -> Desk:
        """The desk, or a 503 problem before there is one."""
        if self._desk is None:
            raise unavailable("expected a started service, it is still starting")
        return self._desk

    async def application(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer everything that no route of BentoML's own takes."""
        if self._lane is None:
            raise RuntimeError("expected the application to be opened before the first request")
        scope["app"] = self._app  # as it says itself, once it is asked
        await self._lane(scope, receive, send)

    def guard(self, app: ASGIApp) -> ASGIApp:
        """Stand before all of BentoML's routes; what is none of these is answered at once."""
        theirs, inherited = Rephrase(app), frozenset(inherited_paths())

        async def route(scope: Scope, receive: Receive, send: Send) -> None:
            ours = scope["type"] == "http" and scope["path"] not in inherited
            if scope.get("path") in NEEDS:  # bodies are JSON here too, whatever they claim
                MutableHeaders(scope=scope)["Content-Type"] = "application/json"
            await (self.application if ours else theirs)(scope, receive, send)

        return entrance(route, lambda: self.desk.access, Limits(), lambda: self._templates, NEEDS)

    def score(self, subject: str, records: list[object], request: Request) -> Response:
        """Score a subject's records for a request that passed the gate."""
        spoken = language_of(request)
        try:
            records = check_count(records, self.desk.limits)
            principal = request.scope[PRINCIPAL]
            answer = score_records(self.desk, subject, records, principal, spoken)
        except Problem as problem:
            return problem.response(request.url.path)
        return answered(answer.to_json(), spoken)
