"""The BentoML service: the application of `serving.app`, and the same function for BentoML clients.

Invariant: every route of BentoML's own stands behind the same gate as ours, and `/livez` and
`/readyz` are answered by the application, which knows whether a score could be given.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import bentoml
from starlette.responses import Response

from features.home import Home
from serving.answers import ScoresAnswer
from serving.bundle import BUNDLE, BundledChampions, load_bundled
from serving.frontage import Frontage
from serving.lifeline import end_with_parent
from serving.logs import configure_logs
from serving.problems import Problem

if TYPE_CHECKING:
    from models.registry import LoadedModel

_frontage = Frontage()


class Scores:
    """Risk scores of shipments and crossings, with exact reasons in plain words."""

    bundled = BundledChampions(BUNDLE)

    def __init__(self) -> None:
        from serving.assembly import assemble  # noqa: PLC0415 - heavy; workers only

        configure_logs()
        end_with_parent()
        home = Home.find().prepare()
        desk = assemble(home, partial(_load, home))
        with suppress(Problem):  # without a champion the service is alive, not ready
            desk.scoring.ready()
        _frontage.open(desk)

    @bentoml.on_deployment
    def before_workers() -> None:
        """Let the process that minds the workers write its log as they do."""
        configure_logs()

    @bentoml.api(output_spec=ScoresAnswer)
    def score_shipments(self, records: list[Any], ctx: bentoml.Context) -> Response:
        """Score declarations, as `POST /v1/shipments/score` does, for BentoML's clients."""
        return _scored("shipments", records, ctx)

    @bentoml.api(output_spec=ScoresAnswer)
    def score_crossings(self, records: list[Any], ctx: bentoml.Context) -> Response:
        """Score crossings, as `POST /v1/crossings/score` does, for BentoML's clients."""
        return _scored("crossings", records, ctx)


# BentoML labels its samples by the paths callers ask for, key or not, and logs their addresses and
# those paths: metrics and the log of requests are ours.
TidewaiterService: Any = bentoml.service(
    name="tidewaiter", metrics={"enabled": False}, logging={"access": {"enabled": False}}
)(Scores)


def _scored(subject: str, records: list[Any], ctx: bentoml.Context) -> Response:
    answer = _frontage.score(subject, records, ctx.request)
    ctx.response.status_code = answer.status_code
    return answer


def _load(home: Home, subject: str) -> LoadedModel:
    bento = TidewaiterService.bento
    if bento is not None:
        return load_bundled(bento, subject)
    from models.registry import Registry  # noqa: PLC0415 - heavy; workers only

    return Registry(home).champion(subject)


TidewaiterService.mount_asgi_app(_frontage.application, path="/")
TidewaiterService.add_asgi_middleware(_frontage.guard)
