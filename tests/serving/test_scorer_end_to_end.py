"""Scores over HTTP from a real store, real features and a real champion."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from features.batch import feature_table
from features.catalog import RECORDS
from features.errors import TidewaiterError
from features.records import KINDS
from features.store import Store
from models.registry import Registry
from models.values import plain_value
from tests.serving.officers import ask, kept_features, post, service
from tidewaiter.replaying import replay

# A change of a record, and a trader or vehicle of which it says who it is.
AMENDED = {"shipments": {"net_mass_kg": 12_345.5}, "crossings": {"gross_mass_kg": 12_345.5}}
WHO = {
    "shipments": ("importer_id", "importer__declarations__30d"),
    "crossings": ("vehicle_id", "vehicle__crossings__7d"),
}


@pytest.fixture(params=RECORDS)
def subject(request):
    return request.param


def id_of(subject):
    """Name the field that tells one subject from another."""
    return KINDS[RECORDS[subject]].group


@pytest.fixture(scope="module")
def client(world, serving_app):
    with service(world, serving_app) as opened:
        yield opened


@pytest.fixture(scope="module")
def analyst(world, serving_app):
    with service(world, serving_app, role="analyst") as opened:
        yield opened


@pytest.fixture
def at_one_instant(world, serving_app):
    """An officer and an analyst on clocks that stand still."""
    now = datetime.now(UTC)
    with (
        service(world, serving_app, clock=lambda: now) as officer,
        service(world, serving_app, role="analyst", clock=lambda: now) as analyst,
    ):
        yield officer, analyst


def filed(world, prefix, subject):
    """Read the records in force whose numbers begin so."""
    with Store.open(world.home) as store:
        held = store.read(RECORDS[subject])
    return held[held[id_of(subject)].str.startswith(prefix)].reset_index(drop=True)


def test_every_subject_is_scored_once_in_order_with_reasons(client, world, subject):
    rows = world.rows(40, "order-", subject)
    told = ask(client, rows, subject).json()
    assert told["errors"] == []
    asked = list(dict.fromkeys(row[id_of(subject)] for row in rows))
    assert [score["id"] for score in told["scores"]] == asked
    items = {(row[id_of(subject)], row.get("item_number")) for row in rows}
    assert all((score["id"], score["item_number"]) in items for score in told["scores"])
    assert all(score["reasons"] for score in told["scores"])
    assert all(len(score["reasons"]) <= 5 for score in told["scores"])
    assert {score["channel"] for score in told["scores"]} <= {"red", "yellow", "green"}


def test_reasons_other_and_base_sum_to_the_log_odds_of_every_score(client, world, subject):
    scores = ask(client, world.rows(40, "sum-", subject), subject).json()["scores"]
    assert len({score["log_odds"] for score in scores}) > 5
    for score in scores:
        parts = sum(reason["contribution"] for reason in score["reasons"])
        total = score["base_value"] + score["other_contribution"] + parts
        assert total == pytest.approx(score["log_odds"], abs=1e-6)
        assert score["risk"] == pytest.approx(1 / (1 + 2.718281828459045 ** -score["log_odds"]))


def test_reasons_are_the_strongest_contributions_strongest_first(client, world, subject):
    for score in ask(client, world.rows(20, "strong-", subject), subject).json()["scores"]:
        sizes = [abs(reason["contribution"]) for reason in score["reasons"]]
        assert sizes == sorted(sizes, reverse=True)
        assert all(reason["text"] for reason in score["reasons"])


def test_the_same_record_gets_the_same_score_also_after_a_restart(
    client, world, serving_app, subject
):
    rows = world.rows(10, "same-", subject)
    first = ask(client, rows, subject).json()["scores"]
    assert ask(client, rows, subject).json()["scores"] == first
    with service(world, serving_app) as restarted:
        assert ask(restarted, rows, subject).json()["scores"] == first
        for score in first:
            assert restarted.get(f"/v1/scores/{score['score_id']}").json() == score


def test_items_in_another_order_are_the_same_shipment(client, world):
    rows = world.rows(10, "shuffled-")
    first = {score["id"]: score for score in ask(client, rows).json()["scores"]}
    again = {score["id"]: score for score in ask(client, rows[::-1]).json()["scores"]}
    assert again == first


def test_records_scored_together_are_scored_as_if_alone(world, at_one_instant, subject):
    client, analyst = at_one_instant
    rows, name = world.rows(8, "together-", subject), id_of(subject)
    alone = {}
    for one in {row[name] for row in rows}:
        [alone[one]] = ask(analyst, [r for r in rows if r[name] == one], subject).json()["scores"]
    for score in ask(client, rows, subject).json()["scores"]:
        assert score["log_odds"] == pytest.approx(alone[score["id"]]["log_odds"], abs=1e-9)


def test_who_may_file_no_records_gets_scores_and_leaves_no_fact(analyst, world, subject):
    rows = world.rows(3, "what-if-", subject)
    scores = ask(analyst, rows, subject).json()["scores"]
    assert [score["id"] for score in scores]
    assert ask(analyst, rows, subject).json()["scores"] == scores
    assert filed(world, "what-if-", subject).empty


def test_a_scored_record_is_a_fact_once_known_from_when_it_first_came(client, world, subject):
    rows, name = world.rows(4, "taken-", subject), id_of(subject)
    ask(client, rows, subject)
    kept = filed(world, "taken-", subject)
    assert sorted(kept[name]) == sorted(row[name] for row in rows)
    ask(client, rows, subject)
    post(client, rows, f"/v1/records/{RECORDS[subject]}")
    pd.testing.assert_frame_equal(filed(world, "taken-", subject), kept)


def test_a_scored_record_is_history_of_the_next(client, world, subject):
    who, feature = WHO[subject]
    [*_, row] = world.rows(1, "first-", subject)
    seen = []
    for number in ("first", "first", "second", "third"):
        new = row | {who: "NEVER SEEN BEFORE 3", id_of(subject): number}
        [score] = ask(client, [new], subject).json()["scores"]
        seen.append(kept_features(world, score)[feature])
    assert seen == [0, 0, 1, 2]


def test_taking_a_record_in_first_changes_nothing_of_its_features(client, world, subject):
    scores = ask(client, world.rows(6, "parity-", subject), subject).json()["scores"]
    with Store.open(world.home) as store:
        table = feature_table(store, subject)
    records = table.to_dict("records")
    rows = {(row[id_of(subject)], row.get("item_number")): row for row in records}
    for score in scores:
        history = rows[score["id"], score["item_number"]]
        kept = kept_features(world, score)
        expected = {name: plain_value(history[name]) for name in kept}
        numbers = [name for name, value in expected.items() if isinstance(value, float)]
        about = pytest.approx({name: expected[name] for name in numbers}, rel=1e-9)
        assert {name: kept[name] for name in numbers} == about
        others = set(kept) - set(numbers)
        assert {n: kept[n] for n in others} == {n: expected[n] for n in others}


def test_an_amended_record_is_a_new_score_also_when_it_returns_to_what_it_said(
    client, world, subject
):
    [*_, row] = world.rows(1, "amended-", subject)
    other = row | AMENDED[subject]
    told = [ask(client, [r], subject).json()["scores"][0] for r in (row, other, other, row, row)]
    ids = [score["score_id"] for score in told]
    assert ids[1] == ids[2]
    assert ids[3] == ids[4]
    assert len(set(ids)) == 3


def test_a_withdrawn_record_is_taken_in_and_said_to_have_nothing_to_score(client, world, subject):
    rows = [world.rows(1, f"{name}-", subject)[-1] for name in ("stays", "goes")]
    stays, goes = (row[id_of(subject)] for row in rows)
    assert len(ask(client, rows, subject).json()["scores"]) == 2
    answer = ask(client, [rows[0], rows[1] | {"cancelled": True}], subject)
    assert answer.status_code == 200
    assert [score["id"] for score in answer.json()["scores"]] == [stays]
    [error] = answer.json()["errors"]
    assert (error["index"], error["id"]) == (1, goes)
    assert (error["field"], error["code"], error["value"]) == ("cancelled", "withdrawn", True)
    assert filed(world, "goes-", subject).empty
    alone = ask(client, [rows[1] | {"cancelled": True}], subject)
    assert alone.status_code == 200
    assert alone.json()["scores"] == []


def test_a_subject_without_a_champion_is_unavailable_by_name_and_the_other_scores(
    world, serving_app, subject
):
    [other] = set(RECORDS) - {subject}

    class Without(Registry):
        def aliases(self, asked):
            return {} if asked == other else super().aliases(asked)

    with service(world, serving_app, source=Without(world.home)) as opened:
        assert opened.get("/readyz").json() == {"status": "ready", "subjects": [subject]}
        answer = ask(opened, world.rows(1, "absent-", other), other)
        assert answer.status_code == 503
        assert f"champion of {other}" in answer.json()["detail"]
        assert answer.headers["retry-after"]
        assert filed(world, "absent-", other).empty
        assert ask(opened, world.rows(1, "alone-", subject), subject).status_code == 200


def test_a_drivers_nationality_changes_no_score(world, at_one_instant):
    _, analyst = at_one_instant
    [*_, row] = world.rows(1, "fair-", "crossings")
    told = [
        ask(analyst, [row | {"driver_nationality": country}], "crossings").json()["scores"][0]
        for country in ("NL", "MA", None)
    ]
    assert len({score["score_id"] for score in told}) == 3
    assert len({score["log_odds"] for score in told}) == 1
    kept = [kept_features(world, score) for score in told]
    assert kept[0] == kept[1] == kept[2]


def test_a_score_is_stored_with_the_features_it_came_from(client, world, subject):
    [score] = ask(client, world.rows(1, "stored-", subject), subject).json()["scores"]
    with Store.open(world.home) as store:
        row = store.read_score(score["score_id"])
    features = row["features"]
    for reason in score["reasons"]:
        assert features[reason["feature"]] == reason["value"]
    for name in ("model_version", "log_odds", "item_number"):
        assert row[name] == score[name]
    assert (row["subject"], row["record_id"]) == (subject, score["id"])


def test_identifiers_of_traders_and_vehicles_are_nowhere_in_what_is_stored(client, world, subject):
    rows = world.rows(5, "private-", subject)
    scores = ask(client, rows, subject).json()["scores"]
    names = {row[WHO[subject][0]] for row in rows} - {None}
    assert names
    with Store.open(world.home) as store:
        for score in scores:
            kept = str(store.read_score(score["score_id"]))
            assert not any(name in kept for name in names)


def test_history_is_the_importers_own(client, world):
    [*_, row] = world.rows(1, "history-")
    rows = [row, row | {"declaration_id": "history-new", "importer_id": "NEVER SEEN BEFORE 1"}]
    scores = ask(client, rows).json()["scores"]
    with Store.open(world.home) as store:
        kept = [store.read_score(one["score_id"])["features"] for one in scores]
    known, new = (features["importer__declarations__365d"] for features in kept)
    assert known >= 1
    assert not new


def test_facts_are_taken_in_and_the_same_again_changes_nothing(client, world):
    rows = world.rows(3, "fact-")
    first = post(client, rows, "/v1/records/declarations").json()
    again = post(client, rows, "/v1/records/declarations").json()
    assert first == {"accepted": len(rows), "unchanged": 0, "amended": 0, "errors": []}
    assert again == {"accepted": len(rows), "unchanged": len(rows), "amended": 0, "errors": []}


def test_a_declaration_taken_in_is_no_history_of_itself(client, world):
    [*_, row] = world.rows(1, "itself-")
    fresh = row | {"declaration_id": "itself", "importer_id": "NEVER SEEN BEFORE 7"}
    post(client, [fresh], "/v1/records/declarations")
    [score] = ask(client, [fresh]).json()["scores"]
    with Store.open(world.home) as store:
        features = store.read_score(score["score_id"])["features"]
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


def test_a_stored_score_is_replayed_to_the_last_bit(client, world, subject):
    scores = ask(client, world.rows(5, "replay-", subject), subject).json()["scores"]
    for score in scores:
        replayed = replay(world.home, score["score_id"])
        assert replayed.differing == []
        assert replayed.figures["log_odds"] == (score["log_odds"], score["log_odds"])
        for reason in score["reasons"]:
            kept, _ = replayed.figures[f"contribution of {reason['feature']}"]
            assert kept == reason["contribution"]


def test_a_score_that_was_tampered_with_is_told(client, world):
    [score, *_] = ask(client, world.rows(1, "tampered-")).json()["scores"]
    with Store.open(world.home) as store, store.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE scores SET risk = risk / 2 WHERE score_id = ?", (score["score_id"],)
        )
    assert replay(world.home, score["score_id"]).differing == ["risk"]


def test_what_was_never_scored_cannot_be_replayed(world):
    with pytest.raises(TidewaiterError, match="expected the id of a stored score, got 'nothing'"):
        replay(world.home, "nothing")
