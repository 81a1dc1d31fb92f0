"""`POST /v1/records/KIND` over a real socket into a real store, for every kind of record."""

import json
import logging

import httpx
import pytest

from features.home import Home
from features.records import FILED, KINDS, WITHHELD
from features.store import Store
from serving.app import Desk, create_app
from serving.examples import EXAMPLES
from serving.intake import StoreIntake
from tests.serving.conftest import RECEIVED, KeyPerRole, MadeUpScoring, serving

BAD = {
    "declarations": ("currency", "XXZ", "currency"),
    "movements": ("seal_state", "cut", "literal_error"),
    "crossings": ("direction", "north", "literal_error"),
    "payments": ("amount", -5, "greater_than_equal"),
    "inspections": ("result", "fine", "literal_error"),
    "parties": ("country", "XQ", "country"),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("home")).prepare()
    with Store.open(home) as opened:
        yield opened


@pytest.fixture(scope="module")
def address(store):
    desk = Desk(MadeUpScoring(), StoreIntake(store, b"key"), KeyPerRole(), lambda: RECEIVED)
    with serving(create_app(desk)) as url:
        yield url


def post(address, kind, *rows, role="officer"):
    headers = {"Authorization": f"Bearer {role}"}
    body = json.dumps({"records": rows})
    return httpx.post(f"{address}/v1/records/{kind}", content=body, headers=headers)


def example(kind, number, **changes):
    return EXAMPLES[kind] | {KINDS[kind].identity[0]: f"{kind}-{number}"} | changes


@pytest.mark.parametrize("kind", FILED)
def test_a_batch_is_taken_in_once_and_its_bad_records_named(address, store, kind):
    field, value, code = BAD[kind]
    batch = [example(kind, 1), example(kind, 2, **{field: value}), example(kind, 3)]
    answer = post(address, kind, *batch)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["accepted"], told["unchanged"], told["amended"]) == (2, 0, 0)
    assert [(e["index"], e["field"], e["code"], e["value"]) for e in told["errors"]] == [
        (1, field, code, value)
    ]
    again = post(address, kind, *batch).json()
    assert (again["accepted"], again["unchanged"]) == (2, 2)
    kept = store.read(kind)
    assert len(kept) == 2
    assert (kept["known_at"] == RECEIVED).all()


def test_a_record_may_be_withdrawn_by_who_writes_history(address, store):
    filed = example("crossings", "withdrawn")
    post(address, "crossings", filed)
    later = filed | {"cancelled": True, "known_at": "2027-01-01T00:00:00Z"}
    told = post(address, "crossings", later, role="administrator").json()
    assert (told["accepted"], told["amended"]) == (1, 1)
    assert "crossings-withdrawn" not in set(store.read("crossings")["crossing_id"])
    kept = store.versions("crossings").set_index("crossing_id")
    assert kept.loc["crossings-withdrawn", "cancelled"].tolist() == [False, True]


def test_what_is_half_known_is_taken_in(address):
    crossing = example("crossings", "half", vehicle_id=None, driver_id=None, occupants=None)
    payment = example("payments", "half", declaration_id=None)
    assert post(address, "crossings", crossing).json()["accepted"] == 1
    assert post(address, "payments", payment).json()["accepted"] == 1


def test_a_party_joins_what_it_imports_pays_and_carries(address, store):
    party, lorry = "XI 55-1", "99-ZZ-1"
    post(address, "parties", example("parties", "x", party_id="xi551"))
    post(address, "declarations", example("declarations", "x", importer_id=party))
    post(address, "payments", example("payments", "x", debtor_id=party, creditor_id="Other"))
    post(address, "crossings", example("crossings", "x", carrier_id=party, vehicle_id=lorry))
    post(address, "movements", example("movements", "x", transport_id=lorry))

    def last(kind):
        return store.read(kind).iloc[-1]

    joined = {
        last("parties")["party_id"],
        last("declarations")["importer_id"],
        last("payments")["debtor_id"],
        last("crossings")["carrier_id"],
    }
    assert len(joined) == 1
    assert joined != {party}
    assert last("crossings")["vehicle_id"] == last("movements")["transport_id"] != lorry


@pytest.mark.parametrize("kind", FILED)
@pytest.mark.parametrize(
    ("role", "status"),
    [("analyst", 403), ("auditor", 403), ("nobody", 401)]
    + [(role, 200) for role in ("administrator", "officer", "partner")],
)
def test_only_a_role_that_may_file_records_files_them(address, kind, role, status):
    assert post(address, kind, example(kind, role), role=role).status_code == status


@pytest.mark.parametrize(
    "row",
    [
        example("parties", 9, name=["Jan", "Jansen"]),
        example("parties", 9, name="Jansen", address={"street": "Jansenstraat"}),
        example("parties", 9, registration_number="Jansen" * 1_000),
        example("parties", 9, name="Jansen", country="XQ"),
        example("parties", 9, name="Jansen", address="Jansenstraat 1", party_id=""),
        ["P9", "Jansen", "Jansenstraat 1"],
        "P9;Jansen;Jansenstraat 1",
    ],
)
def test_no_answer_and_no_log_repeats_a_name_or_an_address(address, caplog, row):
    with caplog.at_level(logging.DEBUG):
        answer = post(address, "parties", row, example("parties", 8, name="Jansen"))
    assert answer.status_code == 200
    assert answer.json()["accepted"] == 1
    assert [error["index"] for error in answer.json()["errors"]] == [0]
    assert "Jansen" not in answer.text
    assert "Jansen" not in caplog.text


def test_what_is_withheld_is_said_to_be(address):
    row = example("parties", 9, name=["Jansen"])
    (error,) = post(address, "parties", row).json()["errors"]
    assert (error["field"], error["value"]) == ("name", WITHHELD)


def test_two_parties_of_one_identifier_are_refused_without_their_names(address):
    one, other = example("parties", 7, name="Jansen"), example("parties", 7, name="Jansens")
    answer = post(address, "parties", one, other)
    assert answer.status_code == 422
    assert {error["code"] for error in answer.json()["errors"]} == {"duplicate"}
    assert "Jansen" not in answer.text


def test_no_record_is_read_over_http(address):
    headers = {"Authorization": "Bearer administrator"}
    for path in ("/v1/records/parties", "/v1/records/parties/1", "/v1/parties", "/v1/records"):
        assert httpx.get(address + path, headers=headers).status_code in {404, 405}
