"""The routes that come with BentoML: what each needs, and how `/openapi.json` describes it.

Invariant: what BentoML answers beside the application is described beside it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from serving.openapi import SCHEMAS, problem_answers, records_body
from serving.roles import Permission

NEEDS: Mapping[str, Permission] = MappingProxyType({"/score_shipments": Permission.SCORE})


def inherited_paths() -> dict[str, Any]:
    """Describe BentoML's own routes (OpenAPI 3.1 path items)."""
    return {
        "/score_shipments": {
            "post": {
                **_operation("scores", "score_shipments", "Score shipments, for BentoML's clients"),
                **records_body("declarations"),
                "responses": _answers(
                    _json({"$ref": f"{SCHEMAS}ScoresAnswer"}), 400, 401, 403, 413, 422, 500, 503
                ),
            }
        },
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
