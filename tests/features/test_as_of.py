from __future__ import annotations

from datetime import UTC, datetime

import pytest

from features.asof import features_as_of
from features.errors import TidewaiterError
from features.home import Home
from features.store import Store
from tests.features.conftest import declaration
from tests.features.worlds import frame


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with Store.open(Home(tmp_path_factory.mktemp("as-of")).prepare()) as store:
        rows = [declaration(i, f"2026-01-0{i}T10:00") for i in (1, 2, 3)]
        store.take_in("declarations", frame("declarations", rows))
        moved = declaration(1, "2026-01-04T10:00", importer_id="B")
        store.take_in("declarations", frame("declarations", [moved]))
        yield store


def filed_by_importer(store: Store, record: str, at: datetime | None) -> float:
    (said,) = features_as_of(store, "shipments", record, at).values()
    return next(one.value for one in said if one.feature.name == "importer__declarations__30d")


def test_without_a_time_a_record_is_seen_when_it_was_known(store):
    assert filed_by_importer(store, "D2", None) == 1.0


def test_a_record_is_never_its_own_history(store):
    assert filed_by_importer(store, "D3", datetime(2026, 1, 4, tzinfo=UTC)) == 2.0


def test_a_version_holds_until_the_next_was_known(store):
    # D1 moved to another importer on the 4th: from then on it is not this importer's history.
    assert filed_by_importer(store, "D3", datetime(2026, 1, 5, tzinfo=UTC)) == 1.0


def test_every_feature_has_its_sentence(store):
    (said,) = features_as_of(store, "shipments", "D2", None).values()
    sentences = {one.feature.name: one.sentence for one in said}
    assert sentences["importer__declarations__30d"] == (
        "This importer has 1 declarations in the last 30 days."
    )
    assert all(sentence.endswith(".") for sentence in sentences.values())


def test_an_unknown_record_is_named(store):
    with pytest.raises(TidewaiterError, match="'D9'"):
        features_as_of(store, "shipments", "D9")
    with pytest.raises(TidewaiterError, match="known by 2025-01-01"):
        features_as_of(store, "shipments", "D2", datetime(2025, 1, 1, tzinfo=UTC))
