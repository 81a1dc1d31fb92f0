"""Calls that come together are scored as one set, and each as if it had come alone."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy.exc import OperationalError

import serving.bench
from features.store import Store, Turn
from serving.bench import Bench
from tests.serving.officers import ask, kept_features, service, until_waiting

SOON_S = 60
ITEMS = "importer__declarations__365d"


@pytest.fixture(scope="module")
def officer(world, serving_app):
    with service(world, serving_app) as opened:
        yield opened


@pytest.fixture
def rows(world):
    """Declarations of an importer that nobody knows, by a prefix."""
    return lambda prefix, count=1: world.of_nobody(count, prefix)


@pytest.fixture
def sets(monkeypatch):
    """Note how many calls each set has that is scored."""
    noted, score = [], Bench.score
    monkeypatch.setattr(
        Bench,
        "score",
        lambda bench, line_up, calls: noted.append(len(calls)) or score(bench, line_up, calls),
    )
    return noted


@pytest.fixture
def together(officer, rows, monkeypatch):
    """Give a function that sends calls, one after the other, while another call is worked."""

    def send(*asks):
        line_up = Bench.line_up
        begun, go_on = threading.Event(), threading.Event()

        def slowly(bench):
            patch.undo()
            begun.set()
            assert go_on.wait(SOON_S)
            return line_up(bench)

        with monkeypatch.context() as patch, ThreadPoolExecutor(len(asks) + 1) as pool:
            patch.setattr(Bench, "line_up", slowly)
            pool.submit(ask, officer, rows("holds-up"))
            assert begun.wait(SOON_S)
            sent = []
            for waiting, one in enumerate(asks, 1):
                sent.append(pool.submit(one))
                until_waiting(waiting)
            go_on.set()
        return [one.result() for one in sent]

    return send


def asking(client, records):
    return lambda: ask(client, records)


def kept(world, prefix):
    with Store.open(world.home) as store, store.engine.connect() as connection:
        query = "SELECT record_id, known_at, content_hash FROM scores WHERE record_id LIKE ?"
        return connection.exec_driver_sql(query, (f"{prefix}%",)).fetchall()


def test_each_call_of_a_set_gets_its_own_scores_and_errors(officer, rows, sets, together, world):
    one, bad, two = rows("one"), [*rows("bad"), 3], rows("two", 20)
    bad[0] |= {"hs_code": "none"}
    mixed = [{"declaration_id": "mixed"}, *rows("mixed")]
    answers = together(*(asking(officer, call) for call in (one, bad, mixed, two)))
    assert sets == [1, 3]
    assert [answer.status_code for answer in answers] == [200, 422, 200, 200]
    told = [answer.json() for answer in answers]
    assert [[s["id"] for s in told[n]["scores"]] for n in (0, 2, 3)] == [
        ["one-0"],
        ["mixed-0"],
        [row["declaration_id"] for row in two],
    ]
    assert [(e["index"], e["code"]) for e in told[1]["errors"]] == [(0, "hs_code"), (1, "object")]
    assert {e["index"] for e in told[2]["errors"]} == {0}
    assert told[0]["errors"] == told[3]["errors"] == []
    assert ask(officer, two).json() == told[3]
    assert len({known_at for _, known_at, _ in kept(world, "two") + kept(world, "one")}) == 1


def test_calls_of_one_set_do_not_see_each_other_and_those_after_see_them(
    officer, world, rows, together
):
    [first], [second] = rows("unseen"), rows("unseen")
    second |= {"declaration_id": "unseen-1"}
    answers = together(asking(officer, [first]), asking(officer, [second]))
    scores = [score for answer in answers for score in answer.json()["scores"]]
    assert [kept_features(world, score)[ITEMS] for score in scores] == [0.0, 0.0]
    [after] = ask(officer, [first | {"declaration_id": "unseen-2"}]).json()["scores"]
    assert kept_features(world, after)[ITEMS] == 2.0


def test_each_call_of_a_set_is_told_in_its_own_language(officer, rows, sets, together):
    def in_dutch():
        headers = {"Accept-Language": "nl"}
        body = {"records": rows("dutch")}
        return officer.post("/v1/shipments/score", json=body, headers=headers)

    english, dutch = together(asking(officer, rows("english")), in_dutch)
    assert sets == [1, 2]
    texts = [
        answer.json()["scores"][0]["reasons"][0]["text"].split() for answer in (english, dutch)
    ]
    assert [answer.headers["Content-Language"] for answer in (english, dutch)] == ["en", "nl"]
    assert texts[0] != texts[1]
    assert in_dutch().json() == dutch.json()


def test_the_same_call_twice_at_once_gets_the_same_scores(officer, rows, sets, together):
    call = rows("twice", 2)
    first, again = together(asking(officer, call), asking(officer, call))
    assert sets == [1, 1, 1]
    assert first.json() == again.json()


def test_an_amendment_at_once_with_what_it_amends_supersedes_it(officer, world, rows, together):
    [row] = rows("amended")
    amended = row | {"net_mass_kg": row["net_mass_kg"] + 1}
    before, after, beside = (
        answer.json()["scores"][0]
        for answer in together(
            asking(officer, [row]), asking(officer, [amended]), asking(officer, rows("bystander"))
        )
    )
    assert (before["supersedes"], after["supersedes"]) == (None, before["score_id"])
    assert (beside["supersedes"], beside["superseded_by"]) == (None, None)
    found = officer.get(f"/v1/scores/{before['score_id']}")
    assert found.json()["superseded_by"] == after["score_id"]
    assert len(kept(world, "amended")) == 2


def test_who_amends_a_shipment_that_was_known_is_in_no_set_with_others(
    officer, world, rows, sets, together
):
    [known] = rows("known")
    assert ask(officer, [known]).status_code == 200
    amended = known | {"net_mass_kg": known["net_mass_kg"] + 1}
    sets.clear()
    calls = [rows("beside-known"), [amended], rows("beside-known-too")]
    answers = together(*(asking(officer, call) for call in calls))
    assert sets == [1, 2, 1]
    scores = [answer.json()["scores"][0] for answer in answers]
    assert [score["supersedes"] is None for score in scores] == [True, False, True]
    assert kept_features(world, scores[1])[ITEMS] == 0.0


def test_a_withdrawal_takes_nothing_from_the_calls_it_came_with(officer, rows, together):
    [gone] = rows("gone")
    scored, withdrawn = together(
        asking(officer, rows("stays")), asking(officer, [gone | {"cancelled": True}])
    )
    assert [score["id"] for score in scored.json()["scores"]] == ["stays-0"]
    assert withdrawn.json()["scores"] == []
    assert [error["code"] for error in withdrawn.json()["errors"]] == ["withdrawn"]


def test_who_may_not_file_is_in_no_set_with_who_may(officer, world, rows, sets, together):
    key = {"Authorization": f"Bearer {world.key('analyst')}"}
    with httpx.Client(base_url=officer.base_url, headers=key, timeout=SOON_S) as analyst:
        calls = [
            asking(officer, rows("filed")),
            asking(analyst, rows("asked")),
            asking(analyst, rows("asked-too")),
            asking(officer, rows("filed-too")),
        ]
        answers = together(*calls)
    assert sets == [1, 1, 2, 1]
    assert [answer.json()["scores"][0]["id"] for answer in answers] == [
        "filed-0",
        "asked-0",
        "asked-too-0",
        "filed-too-0",
    ]
    with Store.open(world.home) as store:
        filed = set(store.read("declarations", fields=["declaration_id"])["declaration_id"])
    assert {"filed-0", "filed-too-0"} <= filed
    assert not {"asked-0", "asked-too-0"} & filed


def test_a_call_that_cannot_be_scored_fails_alone(officer, rows, together, monkeypatch):
    assess = serving.bench.assess

    def choosy(model, columns, **options):
        if "poison-0" in columns["declaration_id"].tolist():
            raise ValueError("no score of this")
        return assess(model, columns, **options)

    monkeypatch.setattr(serving.bench, "assess", choosy)
    calls = [rows("before"), rows("poison"), rows("after", 20)]
    answers = together(*(asking(officer, call) for call in calls))
    assert [answer.status_code for answer in answers] == [200, 500, 200]
    assert len(answers[2].json()["scores"]) == 20
    monkeypatch.undo()
    assert ask(officer, calls[0]).json() == answers[0].json()
    assert ask(officer, calls[1]).status_code == 200


def test_where_the_store_does_not_answer_no_call_is_tried_again(
    officer, rows, together, monkeypatch
):
    tried, take_in = [], Turn.take_in

    def failing(turn, kind, records, *given, **options):
        if records[0]["declaration_id"].startswith("lost"):
            tried.append(len(records))
            raise OperationalError("BEGIN", {}, OSError())
        return take_in(turn, kind, records, *given, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Turn, "take_in", failing)
        answers = together(asking(officer, rows("lost")), asking(officer, rows("lost-too")))
    assert [answer.status_code for answer in answers] == [503, 503]
    assert all("Retry-After" in answer.headers for answer in answers)
    assert tried == [2]
    assert len(ask(officer, rows("lost")).json()["scores"]) == 1
