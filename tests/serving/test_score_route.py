"""`POST /v1/shipments/score`: bad records fail alone, by name, whatever they hold."""

import json

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.records import Declaration

PATH = "/v1/shipments/score"
BAD = {
    "an unknown country": ({"origin_country": "XQ"}, "origin_country", "XQ"),
    "NaN mass": ({"net_mass_kg": float("nan")}, "net_mass_kg", "NaN"),
    "infinite value": ({"customs_value": float("inf")}, "customs_value", "Infinity"),
    "negative infinite value": ({"customs_value": float("-inf")}, "customs_value", "-Infinity"),
    "an impossible date": ({"occurred_at": "2026-02-30"}, "occurred_at", "2026-02-30"),
    "no importer": ({"importer_id": ...}, "importer_id", None),
    "an empty importer": ({"importer_id": " "}, "importer_id", " "),
    "negative mass": ({"net_mass_kg": -1}, "net_mass_kg", -1),
    "mass beyond any float": ({"net_mass_kg": 10**400}, "net_mass_kg", "Infinity"),
    "a list for a country": ({"origin_country": ["CN"]}, "origin_country", "['CN']"),
    "half a character": ({"importer_id": "\ud800A"}, "importer_id", "?A"),
}


def ask(client, *rows):
    return client.post(PATH, content=json.dumps({"records": rows}))


@pytest.mark.parametrize(("changes", "field", "value"), BAD.values(), ids=list(BAD))
def test_a_bad_record_fails_alone_naming_row_field_and_value(
    client, declaration, changes, field, value
):
    answer = ask(client, declaration("A"), declaration("B", **changes), declaration("C"))
    assert answer.status_code == 200
    assert [score["id"] for score in answer.json()["scores"]] == ["A", "C"]
    [error] = answer.json()["errors"]
    assert (error["index"], error["id"], error["field"]) == (1, "B", field)
    assert error["value"] == value
    assert error["code"]
    assert error["detail"]


def test_nan_in_the_body_is_read_as_the_literal_it_is(client):
    body = """{"records": [{"declaration_id": "A", "item_number": 1, "occurred_at": "2026-03-02",
        "importer_id": "X1", "hs_code": "847130", "origin_country": "CN", "net_mass_kg": NaN,
        "customs_value": -Infinity, "currency": "EUR"}]}"""
    answer = client.post(PATH, content=body)
    assert answer.status_code == 422
    assert [error["value"] for error in answer.json()["errors"]] == ["NaN", "-Infinity"]


def test_no_answer_holds_a_number_that_json_does_not_know(client, declaration):
    answer = ask(client, declaration("A"), declaration("B", net_mass_kg=float("nan")))

    def refuse(literal):
        raise AssertionError(f"the answer holds {literal}")

    json.loads(answer.content, parse_constant=refuse)


def test_when_none_is_good_the_answer_is_a_problem_with_the_same_errors(client, declaration):
    bad = declaration("B", origin_country="XQ")
    beside_good = ask(client, bad, declaration("A")).json()["errors"]
    alone = ask(client, bad)
    assert alone.status_code == 422
    assert alone.headers["content-type"] == "application/problem+json"
    assert alone.json()["status"] == 422
    assert alone.json()["errors"] == beside_good


def test_scores_come_in_order_of_first_appearance_one_a_shipment(client, declaration):
    rows = [declaration("B"), declaration("A"), declaration("B", item_number=2), declaration("C")]
    assert [score["id"] for score in ask(client, *rows).json()["scores"]] == ["B", "A", "C"]


def test_a_bad_item_fails_its_whole_declaration_and_no_other(client, declaration):
    rows = [
        declaration("A"),
        declaration("A", item_number=2, net_mass_kg=-1),
        declaration("B"),
    ]
    answer = ask(client, *rows).json()
    assert [score["id"] for score in answer["scores"]] == ["B"]
    assert [(error["index"], error["code"]) for error in answer["errors"]] == [
        (0, "incomplete"),
        (1, "greater_than_equal"),
    ]


def test_the_same_row_twice_counts_once(client, declaration):
    answer = ask(client, declaration("A"), declaration("A")).json()
    assert [score["id"] for score in answer["scores"]] == ["A"]
    assert answer["errors"] == []


def test_different_rows_of_one_item_fail_their_declaration(client, declaration):
    rows = [declaration("A"), declaration("A", customs_value=1.0), declaration("B")]
    answer = ask(client, *rows).json()
    assert [score["id"] for score in answer["scores"]] == ["B"]
    assert [(e["index"], e["field"], e["code"], e["value"]) for e in answer["errors"]] == [
        (0, "item_number", "duplicate", 1),
        (1, "item_number", "duplicate", 1),
    ]


@pytest.mark.parametrize("row", [None, 3, "A", [], True])
def test_what_is_no_object_is_an_error_of_its_own(client, declaration, row):
    answer = ask(client, row, declaration("A")).json()
    assert [score["id"] for score in answer["scores"]] == ["A"]
    [error] = answer["errors"]
    assert (error["index"], error["id"], error["code"]) == (0, None, "object")


def test_a_declaration_is_known_from_when_it_was_received(client, declaration, desk):
    ask(client, declaration("A", known_at="1999-01-01T00:00:00Z"))
    assert desk.scoring.asked[-1][1] == desk.clock()


def test_reasons_other_and_base_sum_to_the_log_odds(client, declaration):
    [score] = ask(client, declaration("A")).json()["scores"]
    parts = [reason["contribution"] for reason in score["reasons"]]
    total = score["base_value"] + score["other_contribution"] + sum(parts)
    assert total == pytest.approx(score["log_odds"], abs=1e-6)


def test_a_score_is_returned_again_as_it_was(client, declaration):
    [score] = ask(client, declaration("A")).json()["scores"]
    again = client.get(f"/v1/scores/{score['score_id']}")
    assert again.status_code == 200
    assert again.json() == score


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
ROWS = st.dictionaries(st.sampled_from(sorted(Declaration.model_fields)), JSON, max_size=12) | JSON


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(ROWS, min_size=1, max_size=4))
def test_whatever_a_record_holds_it_is_answered_and_the_good_one_scored(address, declaration, rows):
    body = json.dumps({"records": [*rows, declaration("the good one")]})
    headers = {"Authorization": "Bearer administrator"}
    answer = httpx.post(address + PATH, content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert "the good one" in [score["id"] for score in answer.json()["scores"]]
    positions = {error["index"] for error in answer.json()["errors"]}
    assert positions <= set(range(len(rows)))
