"""The route of the metrics."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from fastapi.security import HTTPBearer

from serving.metrics import exposition
from serving.openapi import problem_answers
from serving.principal import PRINCIPAL
from serving.roles import Permission

__all__ = ["metrics_route"]

metrics_route = APIRouter(dependencies=[Depends(HTTPBearer(auto_error=False))])


@metrics_route.get(
    "/metrics",
    tags=["operation"],
    summary="Counters and durations, for Prometheus",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        **problem_answers(401, 403, 503),
    },
)
def metrics(request: Request) -> Response:
    """Write what all workers counted and timed, in the format the scraper accepts."""
    request.scope[PRINCIPAL].must(Permission.READ_METRICS)
    samples, media_type = exposition(request.headers.get("accept", ""))
    return Response(samples, media_type=media_type)
