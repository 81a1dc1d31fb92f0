"""Scores over HTTP from a real store, real features and a real champion."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest

from features.store import Store
from models.registry import Registry
from serving.app import create_app
from serving.assembly import assemble

PATH = "/v1/shipments/score"


@contextmanager
def service(world, serving, role="officer"):
    """Serve the world's home from scratch, as after a restart."""
    registry = Registry(world.home)
    desk = assemble(world.home, lambda: registry.champion("shipments"))
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


def test_records_scored_together_are_scored_as_if_alone(client, world):
    rows = world.rows(8, "together-")
    alone = world.rows(8, "alone-")
    together = {score["id"][9:]: score["log_odds"] for score in ask(client, rows).json()["scores"]}
    for declaration in {row["declaration_id"] for row in alone}:
        chosen = [row for row in alone if row["declaration_id"] == declaration]
        [score] = ask(client, chosen).json()["scores"]
        assert score["log_odds"] == pytest.approx(together[declaration[6:]], abs=1e-9)


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
