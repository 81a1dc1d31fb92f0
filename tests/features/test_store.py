from __future__ import annotations

import json
from datetime import UTC, datetime

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from features.store import LINKS, Store, Taken
from features.store.schema import feature_names
from features.store.scorekeeping import Sheet, write_scores
from features.store.times import instant
from tests.features.conftest import declaration, keep, score
from tests.features.tiles import tiles
from tests.features.worlds import arrivals, frame, histories


def inspection(**changes: object) -> dict[str, object]:
    return {
        "inspection_id": "I1",
        "subject": "shipments",
        "subject_id": "D1",
        "known_at": "2026-01-05T00:00",
        "result": "clear",
    } | changes


def test_the_same_records_again_change_nothing(store, one_importer_at):
    declarations = one_importer_at(["2026-01-01T10:00", "2026-01-02T10:00"])
    assert store.take_in("declarations", declarations) == Taken(2, 0, 0)
    before = tiles(store)
    assert store.take_in("declarations", declarations) == Taken(0, 2, 0)
    assert tiles(store) == before
    assert len(store.read("declarations")) == 2


@given(histories(most=5))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_mappings_and_a_frame_are_the_same_records(new_home, history):
    with Store.open(new_home()) as store, Store.open(new_home()) as framed:
        for kind, records in history.items():
            plain = records.astype(object).where(records.notna(), None).to_dict("records")
            sparse = [{k: v for k, v in row.items() if v is not None} for row in plain]
            assert store.take_in(kind, sparse) == framed.take_in(kind, records)
            assert store.take_in(kind, records) == Taken(0, len(records), 0)
            pd.testing.assert_frame_equal(store.read(kind), framed.read(kind))
        assert tiles(store) == tiles(framed)


def test_a_rehearsal_leaves_nothing_behind(store, one_importer_at):
    declarations = one_importer_at(["2026-01-01T10:00"])
    store.rehearse("declarations", declarations)
    assert not store.holds("declarations")
    assert not any(map(len, tiles(store).values()))
    assert store.take_in("declarations", declarations) == Taken(1, 0, 0)


def test_other_content_is_a_version_that_replaces_the_record(store):
    first = frame("declarations", [declaration(1, "2026-01-01T10:00", importer_id="A")])
    second = frame("declarations", [declaration(1, "2026-01-03T10:00", importer_id="B")])
    store.take_in("declarations", first)
    assert store.take_in("declarations", second) == Taken(0, 0, 1)
    assert store.read("declarations")["importer_id"].tolist() == ["B"]


def test_sending_a_superseded_version_again_changes_nothing(store):
    first = frame("declarations", [declaration(1, "2026-01-01T10:00", importer_id="A")])
    second = frame("declarations", [declaration(1, "2026-01-03T10:00", importer_id="B")])
    for rows in (first, second):
        store.take_in("declarations", rows)
    assert store.take_in("declarations", first) == Taken(0, 1, 0)
    assert store.read("declarations")["importer_id"].tolist() == ["B"]


def test_amended_records_leave_the_tiles_of_a_clean_load(new_home):
    old = [declaration(1, "2026-01-01T10:00"), declaration(2, "2026-01-01T11:00")]
    amended = declaration(1, "2026-01-04T09:00", hs_code="010121", importer_id="B")
    with (
        Store.open(new_home()) as store,
        Store.open(new_home()) as clean,
    ):
        store.take_in("declarations", frame("declarations", old))
        store.take_in("inspections", frame("inspections", [inspection(result="offence")]))
        store.take_in("declarations", frame("declarations", [amended]))
        clean.take_in("declarations", frame("declarations", [old[1], amended]))
        clean.take_in("inspections", frame("inspections", [inspection(result="offence")]))
        assert tiles(store) == tiles(clean)


def test_an_amended_result_counts_once(store, one_importer_at):
    store.take_in("declarations", frame("declarations", [declaration(1, "2026-01-01T10:00")]))
    store.take_in("inspections", frame("inspections", [inspection()]))
    later = inspection(result="offence", known_at="2026-01-09T00:00")
    assert store.take_in("inspections", frame("inspections", [later])) == Taken(0, 0, 1)
    (row,) = tiles(store)["importer_controls"]
    assert row[-2:] == (1, 1)


@settings(
    max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(histories(most=5), st.randoms(use_true_random=False))
def test_records_one_by_one_leave_the_tiles_of_one_batch(new_home, history, random):
    with (
        Store.open(new_home()) as store,
        Store.open(new_home()) as whole,
    ):
        for kind, rows in arrivals(history, random, at_once=1):
            store.take_in(kind, rows)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("features.store.intake._MANY", 1)  # as a load of thousands is merged
            for kind, rows in history.items():
                whole.take_in(kind, rows)
        assert tiles(store) == tiles(whole)


def test_a_batch_of_several_instants_leaves_the_tiles_of_a_load(new_home, one_importer_at):
    known_at = ["2026-01-01T10:00", "2026-01-01T10:00", "2026-01-01T12:00", "2026-01-02T10:00"]
    with Store.open(new_home()) as few, Store.open(new_home()) as many:
        few.take_in("declarations", one_importer_at(known_at))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("features.store.intake._MANY", 1)
            many.take_in("declarations", one_importer_at(known_at))
        assert tiles(few) == tiles(many)
        assert len(tiles(few)["importer_items"]) == 2


def test_a_failing_batch_leaves_nothing_behind(store, one_importer_at):
    declarations = one_importer_at(["2026-01-01T10:00"])
    broken = pd.concat([declarations, declarations.assign(declaration_id=None)])
    with pytest.raises(Exception, match=r"(?i)not.null"):
        store.take_in("declarations", broken)
    assert store.read("declarations").empty
    assert not any(tiles(store).values())


def filed(store, frame, day, *, take_in=True, **known):
    """Bring records as a request does, and say since when they count."""
    received_at = datetime.fromisoformat(f"{day}T12:00+00:00")
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    rows = [row | {"known_at": known.get("known_at", received_at)} for row in rows]
    told = store.as_filed("declarations", rows, received_at)
    if take_in:
        assert store.take_in("declarations", rows, received_at=received_at).versions == told
    return [instant(version.known_at).strftime("%m-%d") for version in told]


def test_a_record_brought_again_unchanged_counts_from_when_it_was_first_known(
    store, one_importer_at
):
    first = one_importer_at(["2026-01-01T10:00"])
    other = first.assign(importer_id="Z")
    assert filed(store, first, "2026-01-01", take_in=False) == ["01-01"]
    assert store.read("declarations").empty
    assert filed(store, first, "2026-01-02") == ["01-02"]
    assert filed(store, first, "2026-01-03") == ["01-02"]
    assert filed(store, other, "2026-01-04") == ["01-04"]
    assert filed(store, other, "2026-01-05") == ["01-04"]
    assert filed(store, first, "2026-01-06") == ["01-06"]
    assert filed(store, first, "2026-01-07") == ["01-06"]
    assert len(store.versions("declarations")) == 3


def test_whoever_writes_later_what_was_told_a_little_earlier_changes_nothing(
    store, one_importer_at
):
    first = one_importer_at(["2026-01-01T10:00"])
    assert filed(store, first, "2026-01-02") == ["01-02"]
    assert filed(store, first, "2026-01-01") == ["01-02"]
    earlier = datetime(2025, 12, 24, tzinfo=UTC)
    assert filed(store, first, "2026-01-03", known_at=earlier) == ["12-24"]
    assert filed(store, first, "2026-01-04") == ["12-24"]
    assert len(store.versions("declarations")) == 1


def test_scores_of_a_record_follow_each_other_as_its_versions_do_however_they_came(store):
    keep(
        store,
        [
            score(1, known_at=30),
            score(2, known_at=10),
            score(3, known_at=10),
            score(4, known_at=20, filed=False),
            score(5, known_at=20, record_id="D2"),
        ],
    )
    keep(store, [score(6, known_at=20, subject="crossings")])
    store.keep_shadow_scores([score(7, known_at=20)])
    found = {number: store.read_score(f"S{number}") for number in range(1, 8)}
    assert found.pop(7) is None
    links = {n: (row["supersedes"], row["superseded_by"]) for n, row in found.items()}
    alone = (None, None)
    assert links == {3: (None, "S2"), 2: ("S3", "S1"), 1: ("S2", None)} | dict.fromkeys(
        (4, 5, 6), alone
    )


def test_a_score_is_kept_once_and_the_first_stands(store):
    asked = [("D1", "said 1"), ("D1", "said 2")]
    for number in (1, 2):
        row = score(number, known_at=10, content_hash="said 1", risk=number / 10)
        assert keep(store, [row])[asked[0]]["score_id"] == "S1"
    found = store.find_scores("shipments", asked)
    assert {pair: row["score_id"] for pair, row in found.items()} == {asked[0]: "S1"}
    assert store.read_score("S2") is None


def test_scores_of_records_just_filed_stand_alone_unless_others_were_faster(store):
    rows = [score(i, known_at=10, record_id=f"D{i}") for i in (1, 2)]
    with store.writing() as connection:
        assert write_scores(connection, Sheet.of(rows)) == 2
        assert write_scores(connection, Sheet.of(rows)) == 0
        connection.rollback()
    kept = keep(store, rows, first=True)
    assert kept == {
        (row["record_id"], row["content_hash"]): row | dict.fromkeys(LINKS) for row in rows
    }
    assert {pair: row["score_id"] for pair, row in kept.items()} == {
        pair: row["score_id"] for pair, row in store.find_scores("shipments", [*kept]).items()
    }
    later = [row | {"score_id": f"late {i}"} for i, row in enumerate(rows)]
    later += [score(3, known_at=10, record_id="D3")]
    stand = keep(store, later, first=True)
    assert [row["score_id"] for row in stand.values()] == ["S3", "S1", "S2"]


def test_names_of_features_are_kept_once_and_read_with_every_score_of_theirs(store):
    of = {
        "S1": {"weight": 2.5, "from": "CN", "gap": None},
        "S2": {"weight": None, "from": "\u00e9", "gap": 3.0},
        "S3": {"from": "CN", "weight": 2.5},
        "S4": {},
    }
    rows = [
        score(number, known_at=10, score_id=name, features=features)
        for number, (name, features) in enumerate(of.items())
    ]
    kept = keep(store, rows[:3])
    store.keep_shadow_scores([score(9, known_at=10, features=of["S1"])])
    kept |= keep(store, [rows[3], rows[0] | {"score_id": "S5", "features": {"other": 1.0}}])
    assert {row["score_id"]: row["features"] for row in kept.values()} == of
    assert {name: store.read_score(name)["features"] for name in of} == of
    with store.engine.connect() as connection:
        names = connection.scalars(select(feature_names.c.names)).all()
    lists = [["from", "weight"], ["other"], ["weight", "from", "gap"], []]
    assert sorted(names) == sorted(map(json.dumps, lists))
