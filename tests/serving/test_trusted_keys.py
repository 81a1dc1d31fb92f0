"""A key that was valid a moment ago is not looked up again; a moment later it is."""

from __future__ import annotations

import httpx
import pytest
from starlette.responses import PlainTextResponse

from serving.gate import Gate
from serving.principal import PRINCIPAL, Principal
from serving.problems import unauthorised
from serving.requests import Limits
from serving.roles import Role


class Keys:
    """Keys by holder, and whose were looked up."""

    def __init__(self):
        self.holders = {"KEY-A": "a", "KEY-B": "b"}
        self.asked = []

    def check(self, key):
        self.asked.append(key)
        if key not in self.holders:
            raise unauthorised("no such key")
        return Principal(self.holders[key], Role.OFFICER, None)


async def name_the_holder(scope, receive, send):
    await PlainTextResponse(scope[PRINCIPAL].key_id)(scope, receive, send)


@pytest.fixture
def keys():
    return Keys()


@pytest.fixture
def now():
    return [100.0]


@pytest.fixture
def ask(serving_app, keys, now):
    gate = Gate(name_the_holder, lambda: keys, Limits(), monotonic_s=lambda: now[0])
    with serving_app(gate) as url, httpx.Client(base_url=url) as client:

        def asked(key):
            answer = client.get("/", headers={"Authorization": f"Bearer {key}"})
            return answer.status_code, answer.text if answer.status_code == 200 else None

        yield asked


def test_a_valid_key_is_looked_up_once_a_second_and_each_has_its_own_holder(ask, keys, now):
    assert [ask(f"KEY-{name}") for name in "ABAAB"] == [(200, name) for name in "abaab"]
    assert keys.asked == ["KEY-A", "KEY-B"]
    now[0] += 1.5
    assert ask("KEY-A") == (200, "a")
    assert keys.asked == ["KEY-A", "KEY-B", "KEY-A"]


def test_a_key_that_was_revoked_opens_nothing_a_second_later(ask, keys, now):
    assert ask("KEY-A") == (200, "a")
    del keys.holders["KEY-A"]
    now[0] += 1.01
    assert ask("KEY-A") == (401, None)


def test_a_key_that_was_refused_is_looked_up_again(ask, keys):
    assert ask("KEY-NEW") == (401, None)
    keys.holders["KEY-NEW"] = "new"
    assert ask("KEY-NEW") == (200, "new")
    assert keys.asked == ["KEY-NEW"] * 2
