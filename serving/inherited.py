"""The routes that come with BentoML: what each needs, and how `/openapi.json` describes it.

Invariant: what BentoML answers beside the application is described beside it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from features.catalog import RECORDS
from serving.openapi import SCHEMAS, problem_answers, records_body
from serving.roles import Permission

NEEDS: Mapping[str, Permission] = MappingProxyType(
    {f"/score_{subject}": Permission.SCORE for subject in RECORDS}
)


def inherited_paths() -> dict[str, Any]:
    """Describe BentoML's own routes (OpenAPI 3.1 path items)."""
    return {
        **{f"/score_{subject}": {"post": _scoring(subject)} for subject in RECORDS},
        "/healthz": {
            "get": {
                **_operation("health", "healthz", "Whether the process answers; as /livez"),
                "responses": _answers(_text(), 401, 503),
            }
        },
        "/schema.json": {
            "get": {
                **_operation("documentation", "schema", "What BentoML's clients ask first"),
                "responses": _answers(_json({"type": "object"}), 401, 503),
            }
        },
    }


def _scoring(subject: str) -> dict[str, Any]:
    answers = _json({"$ref": f"{SCHEMAS}ScoresAnswer"})
    return {
        **_operation("scores", f"score_{subject}", f"Score {subject}, for BentoML's clients"),
        **records_body(RECORDS[subject]),
        "responses": _answers(answers, 400, 401, 403, 413, 422, 500, 503),
    }


def _operation(tag: str, name: str, summary: str) -> dict[str, Any]:
    return {
        "tags": [tag],
        "operationId": f"bentoml_{name}",
        "summary": summary,
        "security": [{"HTTPBearer": []}],
    }


def _answers(content: dict[str, Any], *problems: int) -> dict[str, Any]:
    answers = {"200": {"description": "Success", "content": content}}
    return answers | {str(status): said for status, said in problem_answers(*problems).items()}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _text() -> dict[str, Any]:
    return {"text/plain": {"schema": {"type": "string"}}}
