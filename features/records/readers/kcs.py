"""The import declarations released by the Korea Customs Service.

Released with the Institute for Basic Science: "Customs Import Declaration Datasets", arXiv
2208.02484. One row is a goods item that was inspected, so each row gives a declaration and, where
the label columns stand, its inspection. The release has no time of day and no date of the finding:
a declaration is taken as known at 00:00 UTC of its date, a result as known fourteen days later.
Values are in won.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from features.errors import TidewaiterError
from features.records.readers.batches import RawBatch
from features.records.readers.tabular import read_csv

__all__ = ["read_kcs"]

_FIELDS = {
    "Declaration ID": "declaration_id",
    "Date": "occurred_at",
    "Office ID": "office_id",
    "Process Type": "process_type",
    "Import Type": "import_type",
    "Import Use": "import_use",
    "Payment Type": "payment_type",
    "Mode of Transport": "transport_mode",
    "Declarant ID": "declarant_id",
    "Importer ID": "importer_id",
    "Seller ID": "exporter_id",
    "Courier ID": "carrier_id",
    "HS6 Code": "hs_code",
    "Country of Departure": "departure_country",
    "Country of Origin": "origin_country",
    "Tax Rate": "duty_rate_pct",
    "Tax Type": "tax_type",
    "Country of Origin Indicator": "origin_indicator",
    "Net Mass": "net_mass_kg",
    "Item Price": "customs_value",
}
_LABELS = ("Fraud", "Critical Fraud")
_RESULT_DAYS = 14
# The release's codes of two digits, as Recommendation 19 has them by its first digit.
TRANSPORT_MODES = {"10": "1", "20": "2", "30": "3", "40": "4", "50": "5", "90": "9"}


def read_kcs(path: Path) -> Iterator[RawBatch]:
    """Yield, for each stretch of rows, the declarations and then their inspections."""
    for batch in read_csv(path):
        missing = [name for name in _FIELDS if name not in batch.columns]
        if missing:
            raise TidewaiterError(
                f"{path}: not a file of the Korean release: no column {missing[0]!r}"
            )
        yield _declarations(batch)
        if all(name in batch.columns for name in _LABELS):
            yield _inspections(batch)


def _declarations(batch: RawBatch) -> RawBatch:
    columns = {ours: batch.columns[theirs] for theirs, ours in _FIELDS.items()}
    columns["known_at"] = columns["occurred_at"]
    columns["transport_mode"] = [
        TRANSPORT_MODES.get(code, code) for code in columns["transport_mode"]
    ]
    columns["currency"] = ["KRW"] * len(batch.rows)
    return RawBatch("declarations", columns, batch.rows, batch.malformed)


def _inspections(batch: RawBatch) -> RawBatch:
    labelled = [i for i, fraud in enumerate(batch.columns["Fraud"]) if str(fraud).strip()]
    rows = [
        _inspection(*(batch.columns[name][i] for name in ("Declaration ID", "Date", *_LABELS)))
        for i in labelled
    ]
    names = (
        "inspection_id",
        "subject",
        "subject_id",
        "known_at",
        "result",
        "control_type",
        "offence",
    )
    columns = {name: [row[name] for row in rows] for name in names}
    return RawBatch("inspections", columns, [batch.rows[i] for i in labelled])


def _inspection(declaration: str, day: str, fraud: str, critical: str) -> dict[str, Any]:
    found = fraud.strip() == "1"
    kind = "critical" if critical.strip() == "2" else "fraud"
    return {
        "inspection_id": f"KCS-{declaration}",
        "subject": "shipments",
        "subject_id": declaration,
        "known_at": _result_day(day),
        "result": {"0": "clear", "1": "offence"}.get(fraud.strip(), fraud),
        "control_type": "physical",
        "offence": kind if found else None,
    }


def _result_day(day: str) -> datetime | str:
    try:
        known = date.fromisoformat(day.strip()) + timedelta(days=_RESULT_DAYS)
    except ValueError:
        return day
    return datetime.fromisoformat(f"{known}T00:00:00+00:00")
