from __future__ import annotations

from collections.abc import Callable, Iterator

import pandas as pd
import pytest
from sqlalchemy import create_engine, text

from features.facts import SUBJECTS
from features.home import Home
from features.store import Store
from tests.features.databases import NewHome, postgres_server, schemas
from tests.features.worlds import frame


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres_server() as url:
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:  # what is tested survives no power cut
            connection.execute(text("ALTER SYSTEM SET fsync = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
        engine.dispose()
        yield url


# Of the session, so that hypothesis may draw many examples with it.
@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def new_home(request, tmp_path_factory) -> NewHome:
    def embedded() -> Home:
        return Home(tmp_path_factory.mktemp("home")).prepare()

    if request.param == "sqlite":
        return embedded
    new_schema = schemas(request.getfixturevalue("postgres_url"))
    return lambda: Home(embedded().path, new_schema())


@pytest.fixture
def store(new_home) -> Iterator[Store]:
    with Store.open(new_home()) as opened:
        yield opened


@pytest.fixture(scope="session", params=SUBJECTS)
def subject(request) -> str:
    return request.param


def declaration(number: int, known_at: str, **changes: object) -> dict[str, object]:
    return {
        "declaration_id": f"D{number}",
        "occurred_at": known_at,
        "importer_id": "A",
        "hs_code": "870323",
        "origin_country": "DE",
        "net_mass_kg": 10.0,
        "customs_value": 100.0,
        "currency": "EUR",
    } | changes


def score(number: int, known_at: int, **changes: object) -> dict[str, object]:
    return {
        "score_id": f"S{number}",
        "subject": "shipments",
        "record_id": "D1",
        "item_number": 1,
        "content_hash": f"said {number}",
        "known_at": known_at,
        "scored_at": 1_000 - number,
        "model_version": "1",
        "fingerprint": "f",
        "risk": 0.5,
        "log_odds": 0.0,
        "base_value": 0.0,
        "channel": "green",
        "body": "{}",
        "features": {"weight": 2.5, "from": "CN"},
        "filed": True,
    } | changes


def keep(
    store: Store, rows: list[dict[str, object]], *, first: bool = False
) -> dict[tuple[str, str], dict[str, object]]:
    """Keep scores by themselves."""
    with store.turn() as turn:
        return turn.keep_scores(rows, first=first)


@pytest.fixture
def one_importer_at() -> Callable[[list[str]], pd.DataFrame]:
    return lambda times: frame("declarations", [declaration(i, t) for i, t in enumerate(times)])


@pytest.fixture
def two_of_one_importer(one_importer_at) -> pd.DataFrame:
    return one_importer_at(["2026-01-01T10:00", "2026-01-01T10:00"])
