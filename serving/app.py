"""The HTTP application: `/v1`, liveness and readiness.

Invariant: every route that answers is in `/openapi.json`, with every status it answers.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Path, Request
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPBearer
from pydantic import BaseModel

from features.catalog import RECORDS
from features.language import Language
from features.records import FILED, KINDS
from serving.answers import (
    WITHDRAWN,
    Readiness,
    RecordsAnswer,
    Score,
    ScoresAnswer,
    ScoresText,
)
from serving.beside import beside
from serving.entrance import entrance
from serving.exposing import metrics_route
from serving.gate import Doorkeeper
from serving.lane import Endpoint
from serving.languages import ACCEPT_LANGUAGE, CONTENT_LANGUAGE, answered, language_of
from serving.openapi import describe, problem_answers, records_body
from serving.ports import Intake, Scoring
from serving.principal import PRINCIPAL, Principal
from serving.problems import Problem, answer_problems
from serving.requests import Limits, read_records
from serving.roles import Permission
from serving.templates import Templates

# Told, not checked: another kind is not found, rather than a fault of the request.
Kind = Annotated[str, Path(json_schema_extra={"enum": list(FILED)})]
_SPOKEN: dict[int | str, dict[str, Any]] = {200: {"headers": CONTENT_LANGUAGE}}
_key = Depends(HTTPBearer(auto_error=False, description="Made by `tidewaiter keys create`"))
_open = APIRouter()
_keyed = APIRouter(prefix="/v1", dependencies=[_key])


def utc_now() -> datetime:
    """Read the wall clock, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Desk:
    """Everything behind the routes.

    Parameters
    ----------
    scoring : Scoring
        Scores shipments and crossings.
    intake : Intake
        Takes facts in.
    access : Doorkeeper
        Knows the keys.
    clock : callable
        Returns the time now, UTC.
    limits : Limits
        How much one call may carry.
    threads : Executor
        Where calls are worked, or wait for their turn.
    """

    scoring: Scoring
    intake: Intake
    access: Doorkeeper
    clock: Callable[[], datetime] = utc_now
    limits: Limits = field(default_factory=Limits)
    threads: Executor = field(default_factory=lambda: ThreadPoolExecutor(Limits.at_once))


def create_app(desk: Desk, also: Mapping[str, Any] = MappingProxyType({})) -> FastAPI:
    """Make the application that serves a desk.

    Parameters
    ----------
    desk : Desk
        Everything behind the routes.
    also : mapping
        OpenAPI path items of what else is answered under the same address.
    """
    app = FastAPI(
        title="Tidewaiter",
        description="Risk scores of shipments and crossings, with exact reasons in plain words.",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.desk = desk
    app.include_router(_open)
    app.include_router(_keyed)
    app.include_router(metrics_route)
    answer_problems(app)
    describe(app, also)
    for path, operations in also.items():
        app.add_route(path, _elsewhere, [*map(str.upper, operations)], include_in_schema=False)
    app.add_middleware(
        entrance,
        doorkeeper=lambda: desk.access,
        limits=desk.limits,
        templates=cache(lambda: Templates(app.openapi()["paths"])),
    )
    return app


def score_records(
    desk: Desk, subject: str, records: Sequence[object], principal: Principal, spoken: Language
) -> ScoresText:
    """Score records; a 422 problem with all errors where none was good."""
    principal.must(Permission.SCORE)
    answer = desk.scoring.score(subject, records, desk.clock(), principal, spoken)
    if not answer.scores and not any(error.code == WITHDRAWN for error in answer.errors):
        raise _none_good(answer)
    return answer


@_open.get("/livez", tags=["health"], summary="Whether the process answers")
async def livez() -> dict[str, str]:
    """Answer as long as the process lives; needs no key."""
    return {"status": "alive"}


@_open.get(
    "/readyz",
    tags=["health"],
    summary="Whether a score could be given now",
    response_model_exclude_none=True,
    responses=problem_answers(HTTPStatus.SERVICE_UNAVAILABLE),
)
def readyz(request: Request) -> Readiness:
    """Answer 200 only while a champion is loaded and the store answers; needs no key."""
    return _desk(request).scoring.ready()


@_open.get(
    "/openapi.json",
    tags=["documentation"],
    summary="This document",
    dependencies=[_key],
    responses=problem_answers(401, 503),
)
def openapi(request: Request) -> JSONResponse:
    """Describe every route, its request, its answers and its errors (OpenAPI 3.1)."""
    return JSONResponse(request.app.openapi())


def _scores(subject: str) -> Endpoint:
    """Give the function that answers where a subject is scored."""

    async def score(request: Request) -> Response:
        desk, principal = _desk(request), _principal(request)
        principal.must(Permission.SCORE)
        body, spoken = await request.body(), language_of(request)

        def work() -> str:
            records = read_records(body, desk.limits)
            return score_records(desk, subject, records, principal, spoken).to_json()

        return answered(await beside(desk.threads, work), spoken)

    return score


_SCORES = {subject: _scores(subject) for subject in RECORDS}
# The routes asked most, by path, for :class:`serving.lane.Lane`.
SHORT_WAYS = {f"/v1/{subject}/score": endpoint for subject, endpoint in _SCORES.items()}


def _add_score_route(subject: str) -> None:
    """Add the route that scores a subject, with its description."""
    kind = KINDS[RECORDS[subject]]
    whole = "The items of one declaration make one shipment. " if kind.whole else ""
    takes_along = ", but a bad item fails its whole declaration" if kind.whole else ""
    _keyed.add_api_route(
        f"/{subject}/score",
        _SCORES[subject],
        methods=["POST"],
        name=f"score_{subject}",
        tags=["scores"],
        summary=f"Score {subject}",
        description=f"Take {kind.name} in as facts and score them, one score each of the {subject},"
        f" in order of first appearance. {whole}A record that fails is named in `errors` while the"
        f" others are scored{takes_along}. The same records again get the same stored score, an"
        " amended one a new score; one that is withdrawn (`cancelled`) is taken in and named in"
        f" `errors` with the code `{WITHDRAWN}`. A key that may not file records gets scores, and"
        " nothing is taken in. Sentences are in the language asked for; what is stored of a score"
        " does not depend on it.",
        response_model=ScoresAnswer,
        responses=_SPOKEN | problem_answers(400, 401, 403, 413, 422, 500, 503),
        openapi_extra=records_body(kind.name) | {"parameters": [ACCEPT_LANGUAGE]},
    )


for _subject in RECORDS:
    _add_score_route(_subject)


@_keyed.get(
    "/scores/{score_id}",
    tags=["scores"],
    summary="A score given earlier",
    response_model=Score,
    responses=_SPOKEN | problem_answers(401, 403, 404, 500, 503),
    openapi_extra={"parameters": [ACCEPT_LANGUAGE]},
)
def read_score(request: Request, score_id: str) -> Response:
    """Return a score again, exactly as it was answered, its sentences in the language asked for."""
    _principal(request).must(Permission.READ_SCORES)
    spoken = language_of(request)
    body = _desk(request).scoring.read(score_id, spoken)
    if body is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"expected the id of a stored score, got {score_id!r}")
    return answered(body, spoken)


@_keyed.post(
    "/records/{kind}",
    tags=["records"],
    summary="Take facts in",
    response_model=RecordsAnswer,
    responses=problem_answers(400, 401, 403, 404, 413, 422, 500, 503),
    openapi_extra=records_body(*FILED),
)
async def take_in_records(request: Request, kind: Kind) -> Response:
    """Store the good records of a kind; the same record again changes nothing."""
    desk, principal = _desk(request), _principal(request)
    principal.must(Permission.FILE_RECORDS)
    if kind not in FILED:
        raise Problem(HTTPStatus.NOT_FOUND, f"expected one of {', '.join(FILED)}; got {kind!r}")
    body = await request.body()

    def work() -> RecordsAnswer:
        return _take_in(desk, kind, read_records(body, desk.limits), principal)

    return _answered(await beside(desk.threads, work))


def _take_in(desk: Desk, kind: str, records: list[object], principal: Principal) -> RecordsAnswer:
    answer = desk.intake.take_in(kind, records, desk.clock(), principal)
    if not answer.accepted:
        raise _none_good(answer)
    return answer


async def _elsewhere(request: Request) -> Response:
    """Stand for a route answered beside this application, so that other methods get their 405."""
    raise Problem(HTTPStatus.NOT_FOUND, f"expected a service beside, got {request.url.path} here")


def _none_good(answer: ScoresText | RecordsAnswer) -> Problem:
    detail = "expected at least one good record, got none; see errors"
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, answer.errors)


def _answered(answer: BaseModel) -> Response:
    return Response(answer.model_dump_json(), media_type="application/json")


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def _principal(request: Request) -> Principal:
    principal: Principal = request.scope[PRINCIPAL]
    return principal
