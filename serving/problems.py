"""Errors as problem details (RFC 9457): what was expected, what came, and where.

Invariant: no error leaves the API in another form, and none carries a stack trace.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.exceptions import HTTPException
from structlog.contextvars import get_contextvars

from serving.answers import RecordError

MEDIA_TYPE = "application/problem+json"
REQUEST_ID = "request_id"
# What is raised where a database cannot be reached, stays locked or is too busy.
NO_STORE = (OperationalError, NoConnection)
_NO_ANSWER = "expected the store to answer, it did not; the service's log has the reason"
_log = logging.getLogger(__name__)


class ProblemDetails(BaseModel):
    """The body of every error answer (RFC 9457, section 3.1)."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(default="about:blank", description="`about:blank`: the status says it all")
    title: str = Field(description="The status in words")
    status: int = Field(description="The HTTP status code")
    detail: str = Field(description="What was expected and what came")
    instance: str | None = Field(default=None, description="The path that was asked")
    request_id: str | None = Field(
        default=None, description="Names the call in the service's log; also `X-Request-ID`"
    )
    errors: list[RecordError] | None = Field(
        default=None, description="Where no record was good: the reasons, record by record"
    )


class Problem(Exception):  # noqa: N818 - named as RFC 9457 names it
    """An answer other than success.

    Parameters
    ----------
    status : HTTPStatus
        The status to answer with.
    detail : str
        What was expected and what came.
    errors : sequence of RecordError, optional
        The reasons of each failed record.
    headers : mapping, optional
        Headers to send along.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        errors: Sequence[RecordError] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = headers

    def response(self, path: str | None) -> Response:
        """Write the problem as an HTTP answer."""
        details = ProblemDetails(
            title=self.status.phrase,
            status=self.status,
            detail=self.detail,
            instance=path,
            request_id=get_contextvars().get(REQUEST_ID),
            errors=None if self.errors is None else list(self.errors),
        )
        body = details.model_dump_json(exclude_none=self.errors is None)
        return Response(body, self.status, self.headers, MEDIA_TYPE)


def unexpected() -> Problem:
    """Own up to an error of the service's; what it was stands in the log only."""
    detail = "an error of ours, not of the request; the service's log has the reason"
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail)


def unavailable(detail: str, retry_s: float = 5) -> Problem:
    """Say that the service cannot answer now, and when to ask again."""
    headers = {"Retry-After": str(round(retry_s))}
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers=headers)


@contextmanager
def store_answers() -> Iterator[None]:
    """Turn a database that cannot be reached, stays locked or is too busy into a 503 problem."""
    try:
        yield
    except NO_STORE as error:
        _log.exception("the store does not answer")
        raise unavailable(_NO_ANSWER) from error


def unauthorised(detail: str) -> Problem:
    """Ask for a key, the way RFC 6750 says."""
    challenge = {"WWW-Authenticate": 'Bearer realm="tidewaiter"'}
    return Problem(HTTPStatus.UNAUTHORIZED, detail, headers=challenge)


def answer_problems(app: FastAPI) -> None:
    """Make an application answer every error as problem details."""
    app.add_exception_handler(Problem, _answer_problem)
    app.add_exception_handler(HTTPException, _answer_http_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    for error in NO_STORE:
        app.add_exception_handler(error, _answer_no_store)
    app.add_exception_handler(Exception, _answer_unexpected)


async def _answer_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - registered for this class only
    return error.response(request.url.path)


async def _answer_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    status = HTTPStatus(error.status_code)
    asked = f"{request.method} {request.url.path}"
    details = {
        HTTPStatus.NOT_FOUND: f"expected a path of /openapi.json, got {asked}",
        HTTPStatus.METHOD_NOT_ALLOWED: f"expected a method /openapi.json names, got {asked}",
    }
    problem = Problem(status, details.get(status, str(error.detail)), headers=error.headers)
    return problem.response(request.url.path)


async def _answer_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    told = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, told).response(request.url.path)


async def _answer_no_store(request: Request, error: Exception) -> Response:
    _log.error("the store does not answer", exc_info=error)
    return unavailable(_NO_ANSWER).response(request.url.path)


async def _answer_unexpected(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return unexpected().response(request.url.path)
