"""A challenger in the shadow, the canary's share, and the scores of amended records."""

import json
import threading

import pytest
from sqlalchemy import select

from features.errors import TidewaiterError
from features.store.schema import scores, shadow_scores
from models.registry import CHALLENGER
from serving.canary import SHARE, Canary
from serving.shadow import Shadow
from tests.serving.installations import SOON_S, install, two_versions, until, worker


@pytest.fixture(scope="module")
def installation(world, tmp_path_factory):
    made = install(world, two_versions(world), tmp_path_factory.mktemp("challenger") / "home")
    made.name(CHALLENGER, made.second)
    return made


@pytest.fixture(scope="module")
def one(installation, serving_app):
    with worker(installation, serving_app) as opened:
        yield opened


def kept(one, table, prefix):
    """Read what is kept of the records whose numbers begin so."""
    query = select(table).where(table.c.record_id.startswith(prefix))
    with one.desk.scoring.store.engine.connect() as connection:
        return {row["record_id"]: row for row in connection.execute(query).mappings()}


def without_identity(body):
    return {n: v for n, v in json.loads(body).items() if n not in {"score_id", "model_version"}}


def test_the_challenger_scores_the_same_records_apart_and_unshown(one, installation):
    told = one.ask(installation.rows("shadow-", 7))
    assert {score["model_version"] for score in told} == {installation.first}
    until(lambda: len(kept(one, shadow_scores, "shadow-")) == 7)
    served, shadows = (kept(one, table, "shadow-") for table in (scores, shadow_scores))
    for score in told:
        shadow = shadows[score["id"]]
        assert shadow["model_version"] == installation.second
        assert shadow["content_hash"] == served[score["id"]]["content_hash"]
        assert shadow["features"] == served[score["id"]]["features"]
        same = without_identity(served[score["id"]]["body"]) | {"channel": "red"}
        assert without_identity(shadow["body"]) == same
        assert one.client.get(f"/v1/scores/{shadow['score_id']}").status_code == 404
    assert one.ask(installation.rows("shadow-", 7)) == told
    text = one.client.get("/metrics").text
    labels = f'channel="red",role="shadow",subject="shipments",version="{installation.second}"'
    assert f"tidewaiter_scores_total{{{labels}}}" in text


def test_a_fault_in_the_shadow_reaches_no_answer_and_is_said(
    one, installation, monkeypatch, caplog
):
    [faulty, said] = threading.Event(), threading.Event()

    def fail(call):
        faulty.set()
        raise ValueError("a fault of the challenger's")

    monkeypatch.setattr("serving.shadow.ShadowCall.rows", fail)
    monkeypatch.setattr(Shadow, "_tell", told_and(said, Shadow._tell))
    assert len(one.ask(installation.rows("faulty-", 3))) == 3
    assert faulty.wait(SOON_S)
    assert said.wait(SOON_S)
    assert kept(one, shadow_scores, "faulty-") == {}
    assert "in the shadow" in caplog.text
    labels = f'reason="failed",subject="shipments",version="{installation.second}"'
    assert f"tidewaiter_shadow_faults_total{{{labels}}}" in one.client.get("/metrics").text


def told_and(event, tell):
    """Tell, and set an event."""

    def both(*arguments):
        tell(*arguments)
        event.set()

    return both


def test_what_would_wait_beyond_the_limit_is_left_out_and_counted(one, installation, monkeypatch):
    monkeypatch.setattr(one.desk.scoring.shadow, "_most_records", 4)
    assert len(one.ask(installation.rows("many-", 5))) == 5
    assert len(one.ask(installation.rows("few-", 2))) == 2
    until(lambda: len(kept(one, shadow_scores, "few-")) == 2)
    assert kept(one, shadow_scores, "many-") == {}
    assert 'reason="left out"' in one.client.get("/metrics").text


def test_a_share_is_answered_by_the_challenger_the_same_in_every_worker(
    installation, serving_app, monkeypatch
):
    monkeypatch.setenv(SHARE, "0.5")
    rows, half = installation.rows("canary-", 20), []
    with worker(installation, serving_app) as one:
        for score in one.ask(rows):
            half += [score["id"]] * (score["model_version"] == installation.second)
        until(lambda: len(kept(one, shadow_scores, "canary-")) == 20)
        for record, shadow in kept(one, shadow_scores, "canary-").items():
            other = installation.first if record in half else installation.second
            assert shadow["model_version"] == other
        text = one.client.get("/metrics").text
    assert 0 < len(half) < 20
    labels = f'channel="red",role="canary",subject="shipments",version="{installation.second}"'
    assert f"tidewaiter_scores_total{{{labels}}}" in text
    amended = [row | {"net_mass_kg": 77.5} for row in rows[::-1]]
    with worker(installation, serving_app) as another:
        told = another.ask(amended)
    assert {s["id"] for s in told if s["model_version"] == installation.second} == set(half)


def test_where_the_challenger_fails_the_champion_answers(
    installation, serving_app, monkeypatch, caplog
):
    monkeypatch.setenv(SHARE, "1")
    with worker(installation, serving_app) as one:
        [score] = one.ask(installation.rows("sound-"))
        assert score["model_version"] == installation.second
        challenger = one.desk.scoring.roster.line_up("shipments").challenger
        object.__setattr__(challenger.model, "heads", {})
        [score] = one.ask(installation.rows("unsound-"))
    assert score["model_version"] == installation.first
    assert "the champion answers for the challenger" in caplog.text


@pytest.mark.parametrize("share", ["-0.1", "1.5", "a tenth", "nan"])
def test_a_share_that_is_none_is_refused(share, monkeypatch):
    monkeypatch.setenv(SHARE, share)
    with pytest.raises(TidewaiterError, match="a number from 0 to 1"):
        Canary.from_environment(b"secret")


def test_a_larger_share_keeps_the_records_of_a_smaller_one():
    records = [f"26NL{number}" for number in range(2_000)]
    shares = [{r for r in records if Canary(s, b"key").takes(r)} for s in (0, 0.1, 0.3, 1)]
    assert shares[0] < shares[1] < shares[2] < shares[3] == set(records)
    assert len(shares[1]) == pytest.approx(200, abs=50)
    assert {r for r in records if Canary(0.1, b"other").takes(r)} != shares[1]


def test_an_amended_records_score_is_linked_to_the_one_before(one, installation, serving_app):
    [row] = installation.rows("linked-")
    said = [row, row | {"net_mass_kg": 55.5}, row | {"net_mass_kg": 66.5}]
    told = [one.ask([each])[0] for each in said]
    ids = [score["score_id"] for score in told]
    assert [score["supersedes"] for score in told] == [None, *ids[:2]]
    assert {score["superseded_by"] for score in told} == {None}
    read = [one.client.get(f"/v1/scores/{score_id}").json() for score_id in ids]
    assert [score["superseded_by"] for score in read] == [*ids[1:], None]
    for then, now in zip(told, read, strict=True):
        assert now == then | {"superseded_by": now["superseded_by"]}
    assert one.ask([said[2]]) == [told[2]]
    with worker(installation, serving_app, role="analyst") as analyst:
        [asked] = analyst.ask([row | {"net_mass_kg": 99.5}])
        assert analyst.ask([said[2]]) == [told[2]]
    assert (asked["supersedes"], asked["superseded_by"]) == (None, None)
    assert one.client.get(f"/v1/scores/{ids[2]}").json() == told[2]
