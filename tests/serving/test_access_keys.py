"""Keys open the API until they expire or are revoked, and only their hashes are kept."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, select

from features.errors import TidewaiterError
from features.store.schema import access_keys
from serving.access import Access
from serving.principal import hash_key
from serving.problems import Problem
from serving.roles import Permission, Role

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Clock:
    """A clock that a test sets."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock(NOON)


@pytest.fixture
def access(tmp_path, clock):
    engine = create_engine(f"sqlite:///{tmp_path}/keys.db")
    access_keys.create(engine)
    yield Access(engine, clock)
    engine.dispose()


def rows(access):
    with access.engine.connect() as connection:
        return [row._asdict() for row in connection.execute(select(access_keys))]


def test_a_new_key_tells_its_role_and_post(access):
    principal = access.check(access.create("officer", post="NL000510"))
    assert (principal.role, principal.post) == (Role.OFFICER, "NL000510")


def test_only_the_hash_of_a_key_is_stored(access):
    key = access.create("administrator")
    [row] = rows(access)
    assert key not in {str(value) for value in row.values()}
    assert row["key_hash"] == hash_key(key)
    assert len(hash_key(key)) == 64


def test_keys_are_recognisable_and_never_the_same(access):
    keys = {access.create("analyst") for _ in range(20)}
    assert len(keys) == 20
    assert all(key.startswith("tw_") and len(key) >= 43 for key in keys)


@pytest.mark.parametrize("key", ["", "tw_", "tw_unknown", "\ud800", "x" * 100_000])
def test_an_unknown_key_is_refused_with_a_challenge(access, key):
    access.create("administrator")
    with pytest.raises(Problem) as caught:
        access.check(key)
    assert caught.value.status == 401
    assert caught.value.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_opens_until_the_instant_it_expires(access, clock):
    expiry = NOON + timedelta(days=1)
    key = access.create("partner", expires=expiry)
    clock.now = expiry - timedelta(microseconds=1)
    assert access.check(key).role is Role.PARTNER
    clock.now = expiry
    with pytest.raises(Problem):
        access.check(key)


def test_a_revoked_key_opens_nothing(access):
    key, other = access.create("officer"), access.create("officer")
    access.revoke(access.check(key).key_id)
    with pytest.raises(Problem):
        access.check(key)
    assert access.check(other).role is Role.OFFICER


def test_a_key_is_revoked_once_and_an_unknown_one_never(access):
    key_id = access.check(access.create("officer")).key_id
    access.revoke(key_id)
    for unknown in (key_id, "nothing"):
        with pytest.raises(TidewaiterError, match="expected the id of a key in use"):
            access.revoke(unknown)


def test_an_unknown_role_is_refused_with_the_known_ones(access):
    with pytest.raises(TidewaiterError, match="administrator, officer, analyst, partner, auditor"):
        access.create("captain")
    assert rows(access) == []


def test_a_key_cannot_be_made_expired(access):
    with pytest.raises(TidewaiterError, match="expected an expiry after"):
        access.create("officer", expires=NOON)


def test_a_database_that_does_not_answer_is_no_bad_key(tmp_path):
    access = Access(create_engine(f"sqlite:///{tmp_path}/absent/keys.db"), Clock(NOON))
    with pytest.raises(Problem) as caught:
        access.check("tw_any")
    assert caught.value.status == 503


@pytest.mark.parametrize("role", list(Role))
def test_only_the_administrator_may_write_history(role):
    assert role.may(Permission.WRITE_HISTORY) == (role is Role.ADMINISTRATOR)


def test_an_auditor_reads_and_changes_nothing():
    changes = {Permission.SCORE, Permission.FILE_RECORDS, Permission.WRITE_HISTORY}
    assert not any(Role.AUDITOR.may(permission) for permission in changes)
    assert Role.AUDITOR.may(Permission.READ_SCORES)
