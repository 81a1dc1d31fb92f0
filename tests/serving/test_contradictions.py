"""What contradicts the stored record of the same instant is refused by name, not ignored."""

import pytest

from features.store import Store
from tests.serving.officers import ask, post, service

NOON = "2026-03-05T12:00:00+00:00"


@pytest.fixture(scope="module")
def historian(world, serving_app):
    """Someone who may say when records became known."""
    with service(world, serving_app, role="administrator") as opened:
        yield opened


@pytest.fixture
def rows(world):
    """Two declarations known at noon, by a prefix."""
    return lambda prefix: [
        row | {"declaration_id": f"{prefix}-{i}", "item_number": 1, "known_at": NOON}
        for i, row in enumerate(world.rows(2, prefix)[-2:])
    ]


def corrected(row):
    return row | {"net_mass_kg": row["net_mass_kg"] + 1}


def masses(world, named):
    with Store.open(world.home) as store:
        found = store.versions("declarations")
    return found[found["declaration_id"] == named]["net_mass_kg"].tolist()


def test_a_record_filed_otherwise_at_the_same_instant_is_an_error(historian, world, rows):
    first, second = rows("refiled")
    path = "/v1/records/declarations"
    assert post(historian, [first, second], path).json()["accepted"] == 2
    answer = post(historian, [first, corrected(second)], path).json()
    assert (answer["accepted"], answer["unchanged"]) == (1, 1)
    [error] = answer["errors"]
    assert (error["index"], error["id"], error["field"]) == (1, "refiled-1", "known_at")
    assert (error["code"], error["value"]) == ("contradicts", NOON)
    assert post(historian, [corrected(first)], path).status_code == 422
    assert masses(world, "refiled-1") == [second["net_mass_kg"]]
    later = corrected(second) | {"known_at": "2026-03-05T13:00:00Z"}
    assert post(historian, [later], path).json()["amended"] == 1


def test_a_record_that_is_not_taken_in_gets_no_score(historian, world, rows):
    first, second = rows("rescored")
    scores = ask(historian, [first, second]).json()["scores"]
    answer = ask(historian, [corrected(first), second]).json()
    assert answer["scores"] == scores[1:]
    assert [(e["index"], e["code"]) for e in answer["errors"]] == [(0, "contradicts")]
    assert ask(historian, [corrected(first)]).status_code == 422
    assert masses(world, "rescored-0") == [first["net_mass_kg"]]
