"""What is scored goes past routing, and is answered as if it had not."""

import httpx
import pytest
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from serving.lane import Lane
from serving.problems import unauthorised


async def echo(request):
    return PlainTextResponse(await request.body())


async def refuse(request):
    raise unauthorised("expected another")


async def lose_the_store(request):
    raise OperationalError("a statement", None, Exception("gone"))


async def behind(request):
    return PlainTextResponse(f"behind {request.url.path}")


@pytest.fixture(scope="module")
def address(serving_app):
    app = Starlette(routes=[Route("/{path:path}", behind, methods=["GET", "POST"])])
    short = {"/echo": echo, "/refuse": refuse, "/lose": lose_the_store}
    with serving_app(Lane(app, short)) as url:
        yield url


def test_an_endpoint_of_the_lane_answers_posts(address):
    assert httpx.post(f"{address}/echo", content=b"said").text == "said"


@pytest.mark.parametrize(("method", "path"), [("GET", "/echo"), ("POST", "/echo/"), ("POST", "/x")])
def test_all_else_is_answered_by_the_application_behind(address, method, path):
    assert httpx.request(method, address + path).text == f"behind {path}"


def test_problems_are_answered_as_problem_details(address):
    answer = httpx.post(f"{address}/refuse")
    assert (answer.status_code, answer.headers["www-authenticate"][:6]) == (401, "Bearer")
    assert answer.json()["instance"] == "/refuse"
    lost = httpx.post(f"{address}/lose")
    assert (lost.status_code, "retry-after" in lost.headers) == (503, True)
