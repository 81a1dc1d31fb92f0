"""Scores over HTTP from a real store, real features and a real champion."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pandas as pd
import pytest

from features.batch import feature_table
from features.store import Store
from models.reasons import plain_value
from models.registry import Registry
from serving.app import create_app
from serving.assembly import assemble

PATH = "/v1/shipments/score"


@contextmanager
def service(world, serving, role="officer", load=None):
    """Serve the world's home from scratch, as after a restart."""
    desk = assemble(world.home, load or Registry(world.home).champion)
    headers = {"Authorization": f"Bearer {world.key(role)}"}
    with (
        serving(create_app(desk)) as url,
        httpx.Client(base_url=url, headers=headers, timeout=60) as client,
    ):
        yield client
    desk.scoring.store.close()


@pytest.fixture(scope="module")
def client(world, serving_app):
    with service(world, serving_app) as opened:
        yield opened


@pytest.fixture(scope="module")
def analyst(world, serving_app):
    with service(world, serving_app, role="analyst") as opened:
        yield opened


def filed(world, prefix):
    """Read the declarations in force whose numbers begin so."""
    with Store.open(world.home) as store:
        held = store.read("declarations")
    return held[held["declaration_id"].str.startswith(prefix)].reset_index(drop=True)


def kept_features(world, score):
    """Read the features a score was made from."""
    with Store.open(world.home) as store:
        return json.loads(store.read_score(score["score_id"])["features"])


def ask(client, rows, path=PATH):
    return client.post(path, content=json.dumps({"records": rows}))


def test_every_shipment_is_scored_once_in_order_with_reasons(client, world):
    rows = world.rows(40, "order-")
    told = ask(client, rows).json()
    assert told["errors"] == []
    asked = list(dict.fromkeys(row["declaration_id"] for row in rows))
    assert [score["id"] for score in told["scores"]] == asked
    items = {(row["declaration_id"], row["item_number"]) for row in rows}
    assert all((score["id"], score["item_number"]) in items for score in told["scores"])
    assert all(score["reasons"] for score in told["scores"])
    assert all(len(score["reasons"]) <= 5 for score in told["scores"])
    assert {score["channel"] for score in told["scores"]} <= {"red", "yellow", "green"}


def test_reasons_other_and_base_sum_to_the_log_odds_of_every_score(client, world):
    scores = ask(client, world.rows(40, "sum-")).json()["scores"]
    assert len({score["log_odds"] for score in scores}) > 5
    for score in scores:
        parts = sum(reason["contribution"] for reason in score["reasons"])
        total = score["base_value"] + score["other_contribution"] + parts
        assert total == pytest.approx(score["log_odds"], abs=1e-6)
        assert score["risk"] == pytest.approx(1 / (1 + 2.718281828459045 ** -score["log_odds"]))


def test_reasons_are_the_strongest_contributions_strongest_first(client, world):
    for score in ask(client, world.rows(20, "strong-")).json()["scores"]:
        sizes = [abs(reason["contribution"]) for reason in score["reasons"]]
        assert sizes == sorted(sizes, reverse=True)
        assert all(reason["text"] for reason in score["reasons"])


def test_the_same_record_gets_the_same_score_also_after_a_restart(client, world, serving_app):
    rows = world.rows(10, "same-")
    first = ask(client, rows).json()["scores"]
    assert ask(client, rows).json()["scores"] == first
    with service(world, serving_app) as restarted:
        assert ask(restarted, rows).json()["scores"] == first
        for score in first:
            assert restarted.get(f"/v1/scores/{score['score_id']}").json() == score


def test_items_in_another_order_are_the_same_shipment(client, world):
    rows = world.rows(10, "shuffled-")
    first = {score["id"]: score for score in ask(client, rows).json()["scores"]}
    again = {score["id"]: score for score in ask(client, rows[::-1]).json()["scores"]}
    assert again == first


def test_another_content_gets_another_score(client, world):
    [*_, row] = world.rows(1, "other-")
    [first] = ask(client, [row]).json()["scores"]
    [second] = ask(client, [row | {"net_mass_kg": row["net_mass_kg"] + 1}]).json()["scores"]
    assert second["score_id"] != first["score_id"]


def test_records_scored_together_are_scored_as_if_alone(client, world, analyst):
    rows = world.rows(8, "together-")
    alone = {}
    for declaration in {row["declaration_id"] for row in rows}:
        chosen = [row for row in rows if row["declaration_id"] == declaration]
        [alone[declaration]] = ask(analyst, chosen).json()["scores"]
    for score in ask(client, rows).json()["scores"]:
        assert score["log_odds"] == pytest.approx(alone[score["id"]]["log_odds"], abs=1e-9)


def test_who_may_file_no_records_gets_scores_and_leaves_no_fact(analyst, world):
    rows = world.rows(3, "what-if-")
    scores = ask(analyst, rows).json()["scores"]
    assert [score["id"] for score in scores]
    assert ask(analyst, rows).json()["scores"] == scores
    assert filed(world, "what-if-").empty


def test_a_scored_record_is_a_fact_once_known_from_when_it_first_came(client, world):
    rows = world.rows(4, "taken-")
    ask(client, rows)
    kept = filed(world, "taken-")
    assert sorted(kept["declaration_id"]) == sorted(row["declaration_id"] for row in rows)
    ask(client, rows)
    ask(client, rows, "/v1/records/declarations")
    pd.testing.assert_frame_equal(filed(world, "taken-"), kept)


def test_a_scored_record_is_history_of_the_next(client, world):
    [*_, row] = world.rows(1, "first-")
    trader = row | {"importer_id": "NEVER SEEN BEFORE 3"}
    seen = []
    for number in ("first", "first", "second", "third"):
        [score] = ask(client, [trader | {"declaration_id": number}]).json()["scores"]
        seen.append(kept_features(world, score)["importer__declarations__30d"])
    assert seen == [0, 0, 1, 2]


def test_taking_a_record_in_first_changes_nothing_of_its_features(client, world):
    rows = world.rows(6, "parity-")
    scores = ask(client, rows).json()["scores"]
    with Store.open(world.home) as store:
        table = feature_table(store, "shipments").set_index(["declaration_id", "item_number"])
    for score in scores:
        history = table.loc[(score["id"], score["item_number"])]
        kept = kept_features(world, score)
        expected = {name: plain_value(history[name]) for name in kept}
        numbers = [name for name, value in expected.items() if isinstance(value, float)]
        about = pytest.approx({name: expected[name] for name in numbers}, rel=1e-9)
        assert {name: kept[name] for name in numbers} == about
        assert {n: kept[n] for n in kept if n not in numbers} == {
            n: expected[n] for n in kept if n not in numbers
        }


def test_an_amended_record_is_a_new_score_also_when_it_returns_to_what_it_said(client, world):
    [*_, row] = world.rows(1, "amended-")
    other = row | {"net_mass_kg": row["net_mass_kg"] + 1}
    told = [ask(client, [sent]).json()["scores"][0] for sent in (row, other, other, row, row)]
    ids = [score["score_id"] for score in told]
    assert ids[1] == ids[2]
    assert ids[3] == ids[4]
    assert len(set(ids)) == 3


def test_a_withdrawn_record_is_taken_in_and_said_to_have_nothing_to_score(client, world):
    rows = [world.rows(1, f"{name}-")[-1] for name in ("stays", "goes")]
    assert len(ask(client, rows).json()["scores"]) == 2
    answer = ask(client, [rows[0], rows[1] | {"cancelled": True}])
    assert answer.status_code == 200
    assert [score["id"] for score in answer.json()["scores"]] == [rows[0]["declaration_id"]]
    [error] = answer.json()["errors"]
    assert (error["index"], error["id"]) == (1, rows[1]["declaration_id"])
    assert (error["field"], error["code"], error["value"]) == ("cancelled", "withdrawn", True)
    assert filed(world, "goes-").empty
    alone = ask(client, [rows[1] | {"cancelled": True}])
    assert alone.status_code == 200
    assert alone.json()["scores"] == []


def test_a_score_is_stored_with_the_features_it_came_from(client, world):
    [score] = ask(client, world.rows(1, "stored-")).json()["scores"]
    with Store.open(world.home) as store:
        row = store.read_score(score["score_id"])
    features = json.loads(row["features"])
    for reason in score["reasons"]:
        assert features[reason["feature"]] == reason["value"]
    assert row["model_version"] == score["model_version"]
    assert row["log_odds"] == score["log_odds"]


def test_identifiers_of_traders_are_nowhere_in_what_is_stored(client, world):
    rows = world.rows(5, "private-")
    scores = ask(client, rows).json()["scores"]
    traders = {row["importer_id"] for row in rows}
    with Store.open(world.home) as store:
        for score in scores:
            kept = str(store.read_score(score["score_id"]))
            assert not any(trader in kept for trader in traders)


def test_history_is_the_importers_own(client, world):
    [*_, row] = world.rows(1, "history-")
    rows = [row, row | {"declaration_id": "history-new", "importer_id": "NEVER SEEN BEFORE 1"}]
    scores = ask(client, rows).json()["scores"]
    with Store.open(world.home) as store:
        kept = [json.loads(store.read_score(one["score_id"])["features"]) for one in scores]
    known, new = (features["importer__declarations__365d"] for features in kept)
    assert known >= 1
    assert not new


def test_facts_are_taken_in_and_the_same_again_changes_nothing(client, world):
    rows = world.rows(3, "fact-")
    first = ask(client, rows, "/v1/records/declarations").json()
    again = ask(client, rows, "/v1/records/declarations").json()
    assert first == {"accepted": len(rows), "unchanged": 0, "amended": 0, "errors": []}
    assert again == {"accepted": len(rows), "unchanged": len(rows), "amended": 0, "errors": []}


def test_a_declaration_taken_in_is_no_history_of_itself(client, world):
    [*_, row] = world.rows(1, "itself-")
    fresh = row | {"declaration_id": "itself", "importer_id": "NEVER SEEN BEFORE 7"}
    ask(client, [fresh], "/v1/records/declarations")
    [score] = ask(client, [fresh]).json()["scores"]
    with Store.open(world.home) as store:
        features = json.loads(store.read_score(score["score_id"])["features"])
    assert not features["importer__declarations__365d"]


def test_only_who_may_write_history_says_when_a_record_was_known(client, world, serving_app):
    known_at = "2025-12-01T00:00:00+00:00"
    rows = [row | {"known_at": known_at} for row in world.rows(1, "history-")]
    [score] = ask(client, rows).json()["scores"]
    with service(world, serving_app, role="administrator") as administrator:
        [historic] = ask(administrator, rows).json()["scores"]
    moment = int(datetime(2025, 12, 1, tzinfo=UTC).timestamp() * 1e6)
    with Store.open(world.home) as store:
        assert store.read_score(historic["score_id"])["known_at"] == moment
        assert store.read_score(score["score_id"])["known_at"] > moment
