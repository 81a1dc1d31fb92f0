"""The BentoML service: the application of `serving.app`, and the same function for BentoML clients.

Invariant: every route of BentoML's own stands behind the same gate as ours, and `/livez` and
`/readyz` are answered by the application, which knows whether a score could be given.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import bentoml
from starlette.responses import Response

from features.home import Home
from features.sqlite import stop_counting
from serving.answers import ScoresAnswer
from serving.beside import share_often
from serving.bundle import BUNDLE, BundledChampions, CarriedVersions
from serving.frontage import Frontage
from serving.heap import give_back_regularly
from serving.lasting import keep_all, unwatched
from serving.lifeline import end_with_parent
from serving.logs import configure_logs

if TYPE_CHECKING:
    from serving.roster import Source

_frontage = Frontage()
# How long MLflow's client waits for a server that does not answer, and how often it asks again.
_BRIEF = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "5", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"}


class Scores:
    """Risk scores of shipments and crossings, with exact reasons in plain words."""

    bundled = BundledChampions(BUNDLE)

    def __init__(self) -> None:
        stop_counting()
        configure_logs()
        end_with_parent()
        home = Home.find().prepare()
        with unwatched():
            from serving.assembly import assemble  # noqa: PLC0415 - heavy; workers only

            source = _source(home)
        desk = assemble(home, source)
        _frontage.open(desk)
        keep_all()
        give_back_regularly()
        share_often()
        desk.scoring.follow()

    @bentoml.on_shutdown
    def after_requests(self) -> None:
        """Do what was put off until after the answers."""
        _frontage.desk.scoring.finish()

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


def _source(home: Home) -> Source:
    bento = TidewaiterService.bento
    if bento is not None:
        return CarriedVersions(bento)
    from models.registry import Registry  # noqa: PLC0415 - heavy; workers only

    # Another attempt follows in seconds; meanwhile what serves goes on, or its copy begins.
    for name, value in _BRIEF.items():
        os.environ.setdefault(name, value)
    return Registry(home)


TidewaiterService.mount_asgi_app(_frontage.application, path="/")
TidewaiterService.add_asgi_middleware(_frontage.guard)
