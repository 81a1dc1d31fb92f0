"""Keys are made, listed by what may be shown of them, and closed, from the command line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from features.home import Home
from features.store import Store
from serving.access import Access
from serving.problems import Problem
from tests.tidewaiter.commands import CommandLine


@pytest.fixture
def tidewaiter(tmp_path):
    return CommandLine(tmp_path / "home")


@pytest.fixture
def check(tidewaiter):
    with Store.open(Home(tidewaiter.home).prepare()) as store:
        yield Access(store.engine, lambda: datetime.now(UTC)).check


def test_keys_are_listed_without_what_would_open_anything(tidewaiter):
    key = tidewaiter("keys", "create", "--role", "officer", "--post", "NLRTM").stdout.strip()
    tidewaiter("keys", "create", "--role", "auditor", "--expires", "2999-01-01")
    told = tidewaiter("keys", "list").stdout
    [officer] = [line for line in told.splitlines() if "officer" in line]
    [auditor] = [line for line in told.splitlines() if "auditor" in line]
    assert "NLRTM" in officer
    assert "expires 2999-01-01 00:00Z" in auditor
    assert key not in told
    assert key.removeprefix("tw_") not in told


def test_a_key_is_revoked_by_the_id_that_is_listed_and_no_other_is(tidewaiter, check):
    keys = [tidewaiter("keys", "create", "--role", "partner").stdout.strip() for _ in range(2)]
    key_id = check(keys[0]).key_id
    assert key_id in tidewaiter("keys", "list").stdout
    assert tidewaiter("keys", "revoke", key_id).stdout == ""
    with pytest.raises(Problem, match="revoked"):
        check(keys[0])
    check(keys[1])
    [line] = [one for one in tidewaiter("keys", "list").stdout.splitlines() if key_id in one]
    assert f"revoked {datetime.now(UTC):%Y-%m-%d}" in line
    assert tidewaiter("keys", "list").stdout.count("revoked") == 1
    again = tidewaiter("keys", "revoke", key_id, status=1)
    assert "expected the id of a key in use" in again.stderr
