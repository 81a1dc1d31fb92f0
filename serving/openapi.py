"""The description of the API: what FastAPI cannot see of itself, because records are checked by us.

Invariant: a record is described by the very class that checks it.
"""

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field, create_model
from pydantic.json_schema import models_json_schema

from features.records import FILED
from serving.examples import EXAMPLES
from serving.problems import MEDIA_TYPE, ProblemDetails

SCHEMAS = "#/components/schemas/"
_MEANINGS = {
    HTTPStatus.BAD_REQUEST: "The body is no JSON.",
    HTTPStatus.UNAUTHORIZED: "No key, or one that is unknown, expired or revoked.",
    HTTPStatus.FORBIDDEN: "The key's role may not do this.",
    HTTPStatus.NOT_FOUND: "There is no such thing.",
    HTTPStatus.REQUEST_TIMEOUT: "The body did not arrive in time.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too long, or holds too many records.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "No record was good, or the body has another shape.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "An error of the service.",
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "No model is loaded, the store does not answer, or there is too much to do;"
        " `Retry-After` says in how many seconds to come again."
    ),
}


def problem_answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the error answers of a route."""
    schema = {"$ref": f"{SCHEMAS}{ProblemDetails.__name__}"}
    return {
        int(status): {
            "description": _MEANINGS[HTTPStatus(status)],
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in statuses
    }


def records_body(*kinds: str) -> dict[str, Any]:
    """Describe a request body of records of one of some kinds."""
    references = [{"$ref": f"{SCHEMAS}{_request_type(kind).__name__}"} for kind in kinds]
    schema = references[0] if len(references) == 1 else {"anyOf": references}
    examples = {
        kind: {"summary": f"One of the {kind}", "value": {"records": [EXAMPLES[kind]]}}
        for kind in kinds
    }
    content = {"application/json": {"schema": schema, "examples": examples}}
    return {"requestBody": {"required": True, "content": content}}


def describe(app: FastAPI, also: Mapping[str, Any]) -> None:
    """Make an application's description complete.

    Parameters
    ----------
    app : FastAPI
        The application.
    also : mapping
        Path items of what is answered beside it, under the same address.
    """

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app, also)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign] # as FastAPI's own guide does


def _described(app: FastAPI, also: Mapping[str, Any]) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    models: list[type[BaseModel]] = [ProblemDetails, *(_request_type(kind) for kind in FILED)]
    _, definitions = models_json_schema(
        [(model, "validation") for model in models], ref_template=SCHEMAS + "{model}"
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(definitions["$defs"])
    _correct_validation_answers(document)
    document["paths"].update(also)
    _add_answers_of_the_entrance(document)
    return document


def _add_answers_of_the_entrance(document: dict[str, Any]) -> None:
    """Add to every operation what may be answered before it is reached."""
    for operations in document["paths"].values():
        for operation in operations.values():
            keyed = (HTTPStatus.UNAUTHORIZED, HTTPStatus.SERVICE_UNAVAILABLE)
            always = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            statuses = (*always, *(keyed if "security" in operation else ()))
            for status, said in problem_answers(*statuses).items():
                operation["responses"].setdefault(str(status), said)


def _correct_validation_answers(document: dict[str, Any]) -> None:
    """Drop FastAPI's own 422, which this application never answers."""
    for operations in document["paths"].values():
        for operation in operations.values():
            answer = operation.get("responses", {}).get("422", {})
            if "application/json" in answer.get("content", {}):
                if MEDIA_TYPE in answer["content"]:
                    del answer["content"]["application/json"]
                else:
                    del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)


@cache
def _request_type(kind: str) -> type[BaseModel]:
    record = FILED[kind].model
    return create_model(
        f"{record.__name__}s",
        __doc__=f"Records of the kind `{kind}`.",
        records=(list[record], Field(min_length=1)),  # type: ignore[valid-type]
    )
