"""Features found before records are taken in, and when what was taken in is on disk."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from features.catalog.sets import FeatureSet
from features.online import LiveFeatures
from features.store import Store, Turn
from tests.serving.officers import ask, kept_features, service

ITEMS = "importer__declarations__365d"


@pytest.fixture
def officer(world, serving_app):
    with service(world, serving_app) as opened:
        yield opened


@pytest.fixture
def rows(world):
    """Two declarations of an importer that nobody knows."""
    return lambda prefix: world.of_nobody(2, f"ahead-{prefix}")


@pytest.fixture
def written():
    """Note, as transactions begin that will write, whether they wait for the disk."""
    noted = []

    def note(connection):
        options = connection.get_execution_options()
        if options.get("writes"):
            noted.append("lasts" if options["lasting"] else "soon")

    event.listen(Engine, "begin", note)
    yield noted
    event.remove(Engine, "begin", note)


def test_new_records_are_looked_up_before_they_are_taken_in(officer, rows, monkeypatch):
    order, values, take_in = [], FeatureSet.values, Turn.take_in
    monkeypatch.setattr(
        FeatureSet, "values", lambda *given: order.append("look up") or values(*given)
    )
    monkeypatch.setattr(
        Turn,
        "take_in",
        lambda *given, **options: order.append("take in") or take_in(*given, **options),
    )
    ask(officer, rows("order"))
    assert order == ["look up", "take in"]
    amended = [row | {"net_mass_kg": 1.5} for row in rows("order")]
    ask(officer, amended)
    assert order == ["look up", "take in", "take in", "look up"]


def test_one_that_is_amended_is_looked_up_as_if_it_had_never_been_known(
    officer, world, rows, monkeypatch
):
    asked, live = [], Turn.live
    monkeypatch.setattr(Turn, "live", lambda *given: asked.append(given[1]) or live(*given))
    one, _ = rows("amends")
    ask(officer, rows("amends"))
    amended = [one | {"net_mass_kg": 1.5}]
    [score] = ask(officer, amended).json()["scores"]
    assert asked == ["shipments"]
    assert kept_features(world, score)[ITEMS] == 1.0
    assert ask(officer, amended).json()["scores"] == [score]
    assert ask(officer, [one | {"cancelled": True}]).json()["scores"] == []
    assert asked == ["shipments"]


def test_declarations_of_one_call_do_not_see_each_other(officer, world, rows):
    scores = ask(officer, rows("together")).json()["scores"]
    assert [kept_features(world, score)[ITEMS] for score in scores] == [0.0, 0.0]
    [after] = ask(officer, [rows("together")[0] | {"declaration_id": "after"}]).json()["scores"]
    assert kept_features(world, after)[ITEMS] == 2.0


def test_what_is_withdrawn_beside_new_records_gets_no_score(officer, world, rows):
    new, gone = rows("beside")
    told = ask(officer, [new, gone | {"cancelled": True}]).json()
    assert [score["id"] for score in told["scores"]] == [new["declaration_id"]]
    assert [error["code"] for error in told["errors"]] == ["withdrawn"]
    with Store.open(world.home) as store, store.engine.connect() as connection:
        asked = "SELECT COUNT(*) FROM scores WHERE record_id = ?"
        assert not connection.exec_driver_sql(asked, (gone["declaration_id"],)).scalar()


def test_what_others_file_of_a_declaration_meanwhile_is_none_of_its_history(
    officer, world, rows, monkeypatch
):
    [row, _] = rows("meanwhile")
    columns_if_new = LiveFeatures.columns_if_new
    there = f"{officer.base_url}/v1/records/declarations"
    headers = {"Authorization": f"Bearer {world.key('administrator')}"}
    earlier = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()

    def interrupted(*given):
        found = columns_if_new(*given)
        other = row | {"item_number": 99, "known_at": earlier}
        httpx.post(there, headers=headers, json={"records": [other]}, timeout=60).raise_for_status()
        return found

    monkeypatch.setattr(LiveFeatures, "columns_if_new", interrupted)
    [score] = ask(officer, [row]).json()["scores"]
    assert kept_features(world, score)[ITEMS] == 0.0


def test_a_large_call_of_new_records_is_scored_as_small_ones_are(officer, world):
    many = [row | {"declaration_id": f"large-{i}"} for i, row in enumerate(world.rows(40, "large"))]
    scores = ask(officer, many).json()["scores"]
    assert [score["id"] for score in scores] == [row["declaration_id"] for row in many]
    assert {(score["supersedes"], score["superseded_by"]) for score in scores} == {(None, None)}
    assert ask(officer, many).json()["scores"] == scores
    assert [officer.get(f"/v1/scores/{s['score_id']}").json() for s in scores[:3]] == scores[:3]
    amended = [row | {"net_mass_kg": 1.5} for row in many]
    after = ask(officer, amended).json()["scores"]
    assert [s["supersedes"] for s in after] == [s["score_id"] for s in scores]


def test_no_score_is_kept_of_records_that_could_not_be_taken_in(officer, world, monkeypatch):
    many = [
        row | {"declaration_id": f"ahead-lost-{i}"} for i, row in enumerate(world.rows(40, "lost"))
    ]
    settle = Turn.settle

    def failing(turn):
        settle(turn)
        raise OperationalError("COMMIT", {}, OSError())

    monkeypatch.setattr(Turn, "settle", failing)
    answer = ask(officer, many)
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
    with Store.open(world.home) as store, store.engine.connect() as connection:
        asked = "SELECT COUNT(*) FROM scores WHERE record_id LIKE 'lost-%'"
        assert not connection.exec_driver_sql(asked).scalar()


@pytest.mark.parametrize("records", [1, 40])
def test_records_that_cannot_be_scored_are_taken_in_all_the_same(
    officer, world, monkeypatch, records
):
    def failing(*_, **__):
        raise ValueError("no score")

    rows = [
        row | {"declaration_id": f"unscored-{records}-{i}"}
        for i, row in enumerate(world.rows(records, f"unscored-{records}"))
    ]
    with monkeypatch.context() as patch:
        patch.setattr("serving.bench.assess", failing)
        assert ask(officer, rows).status_code == 500
    told = officer.post("/v1/records/declarations", json={"records": rows}).json()
    assert told["accepted"] == told["unchanged"] == len(rows)
    assert len(ask(officer, rows).json()["scores"]) == len(rows)


def test_new_records_and_their_scores_are_one_transaction_that_lasts(officer, rows, written):
    asked = rows("new")
    assert ask(officer, asked).status_code == 200
    assert written == ["lasts"]
    assert ask(officer, asked).status_code == 200
    assert written == ["lasts", "soon"]  # what has a score was flushed with it


def test_a_call_that_wrote_anything_ends_with_a_write_that_lasts(officer, rows, written):
    ask(officer, rows("lasting"))
    amended = [row | {"net_mass_kg": 1.5} for row in rows("lasting")]
    assert ask(officer, amended).status_code == 200
    assert written == ["lasts", "soon", "lasts"]
    withdrawn = [row | {"cancelled": True} for row in rows("lasting")]
    for _ in range(2):
        # Of what was withdrawn, nobody can tell whether it was flushed.
        assert ask(officer, withdrawn).status_code == 200
    assert written[3:] == ["soon", "lasts", "soon", "lasts"]


def test_who_is_told_that_a_record_is_known_has_it_flushed(officer, rows, written):
    asked = {"records": rows("told")}
    assert officer.post("/v1/records/declarations", json=asked).json()["unchanged"] == 0
    assert written == ["lasts"]
    assert officer.post("/v1/records/declarations", json=asked).json()["unchanged"] == 2
    assert written == ["lasts", "lasts", "lasts"]
