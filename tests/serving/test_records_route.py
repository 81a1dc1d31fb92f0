"""`POST /v1/records/KIND`: facts are taken in, the bad ones named."""

import json

import pytest

from features.records import FILED


def ask(client, kind, *rows):
    return client.post(f"/v1/records/{kind}", content=json.dumps({"records": rows}))


@pytest.fixture
def inspection():
    return {
        "inspection_id": "I1",
        "subject": "shipments",
        "subject_id": "A",
        "known_at": "2026-03-05T14:00:00Z",
        "result": "offence",
        "offence": "fraud",
    }


def test_good_declarations_are_taken_in_and_bad_ones_named(client, declaration, desk):
    answer = ask(client, "declarations", declaration("A"), declaration("B", currency="XXZ"))
    assert answer.status_code == 200
    told = answer.json()
    assert (told["accepted"], told["unchanged"], told["amended"]) == (1, 0, 0)
    assert [(error["index"], error["field"]) for error in told["errors"]] == [(1, "currency")]
    kind, good = desk.intake.taken[-1]
    assert kind == "declarations"
    assert [row["declaration_id"] for row in good] == ["A"]


def test_an_inspection_is_known_from_when_it_was_received(client, inspection, desk):
    assert ask(client, "inspections", inspection).status_code == 200
    _, good = desk.intake.taken[-1]
    assert [row["known_at"] for row in good] == [desk.clock()]


def test_an_inspection_needs_no_known_at_of_its_own(client, inspection):
    del inspection["known_at"]
    assert ask(client, "inspections", inspection).json()["accepted"] == 1


def test_when_none_is_good_the_answer_is_a_problem(client, inspection):
    answer = ask(client, "inspections", inspection | {"result": "fine"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == ["result"]


def test_an_unknown_kind_is_not_found_and_the_known_ones_are_named(client, declaration):
    answer = ask(client, "parcels", declaration())
    assert answer.status_code == 404
    assert f"expected one of {', '.join(FILED)};" in answer.json()["detail"]


def test_nobody_files_links_between_parties(client, desk):
    link = {"party_id": "A", "linked_party_id": "B", "probability": 1.0, "known_at": "2026-01-01"}
    answer = ask(client, "links", link)
    assert answer.status_code == 404
    assert "links" not in answer.json()["detail"].partition(";")[0]
    assert "links" not in [kind for kind, _ in desk.intake.taken]
