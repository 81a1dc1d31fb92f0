from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from tests.features.worlds import frame


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


@pytest.fixture
def one_importer_at() -> Callable[[list[str]], pd.DataFrame]:
    return lambda times: frame("declarations", [declaration(i, t) for i, t in enumerate(times)])


@pytest.fixture
def two_of_one_importer(one_importer_at) -> pd.DataFrame:
    return one_importer_at(["2026-01-01T10:00", "2026-01-01T10:00"])
