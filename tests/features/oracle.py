"""The slow, obvious features: every fact looked at for every record, by the definition."""

from __future__ import annotations

import math
import statistics

import pandas as pd

DAY = pd.Timedelta(days=1)
NEVER = pd.Timestamp("2200-01-01", tz="UTC")
KEYS = {
    "importer": ["importer_id"],
    "exporter": ["exporter_id"],
    "declarant": ["declarant_id"],
    "carrier": ["carrier_id"],
    "office": ["office_id"],
    "hs": ["hs"],
    "origin": ["origin_country"],
    "hs_origin": ["hs", "origin_country"],
    "hs_departure": ["hs", "departure_country"],
    "origin_departure": ["origin_country", "departure_country"],
    "importer_hs": ["importer_id", "hs"],
    "importer_origin": ["importer_id", "origin_country"],
    "importer_exporter": ["importer_id", "exporter_id"],
}


def held(records: pd.DataFrame) -> list[dict]:
    """Rows but those that withdraw their record."""
    rows = records.astype(object).where(records.notna(), None).to_dict("records")
    return [row for row in rows if not row["cancelled"]]


def goods(declarations: pd.DataFrame) -> list[dict]:
    for row in (rows := held(declarations)):
        row["hs"] = row["hs_code"][:6]
        both = row["customs_value"] > 0 and row["net_mass_kg"] > 0
        row["price"] = math.log(row["customs_value"] / row["net_mass_kg"]) if both else None
    return rows


def controls(items: list[dict], inspections: pd.DataFrame) -> list[dict]:
    found = []
    for inspection in held(inspections):
        for item in items:
            same_item = inspection["item_number"] in (None, item["item_number"])
            if inspection["subject_id"] == item["declaration_id"] and same_item:
                known_at = max(inspection["known_at"], item["known_at"])
                ends = min(held_until(inspection), held_until(item))
                dates = {"known_at": known_at, "superseded_at": ends}
                found.append({**item, **dates, "inspection": inspection})
    return found


def held_until(fact: dict) -> pd.Timestamp:
    ends = fact.get("superseded_at")
    return NEVER if ends is None else ends


def feature(name: str, record: dict, items: list[dict], inspected: list[dict]) -> float:
    """Compute `{entity}__{measure}__{window}d` for a record at its own instant."""
    entity, measure, window = name.split("__")
    keys, at = KEYS[entity], record["known_at"]
    if any(record[key] is None for key in keys):
        return math.nan
    first_day = at.floor("D") - int(window.removesuffix("d")) * DAY

    def seen(facts: list[dict]) -> list[dict]:
        return [
            fact
            for fact in facts
            if first_day <= fact["known_at"] < at <= held_until(fact)
            and fact["declaration_id"] != record["declaration_id"]
            and all(fact[k] == record[k] for k in keys)
        ]

    mine, controlled = seen(items), [fact["inspection"] for fact in seen(inspected)]
    prices = [fact["price"] for fact in mine if fact["price"] is not None]
    days = sorted((at - fact["known_at"]) / DAY for fact in mine)

    def inspections() -> int:
        return len({i["inspection_id"] for i in controlled})

    def offences() -> int:
        return len({i["inspection_id"] for i in controlled if i["result"] == "offence"})

    def others(column: str) -> int:
        return len({fact[column] for fact in mine} - {None})

    return {
        "declarations": lambda: len({fact["declaration_id"] for fact in mine}),
        "items": lambda: len(mine),
        "exporters": lambda: others("exporter_id"),
        "importers": lambda: others("importer_id"),
        "subheadings": lambda: others("hs"),
        "origins": lambda: others("origin_country"),
        "inspections": inspections,
        "offences": offences,
        "offence_rate": lambda: (offences() + 10 * 0.05) / (inspections() + 10),
        "log_unit_value_min": lambda: min(prices, default=math.nan),
        "log_unit_value_max": lambda: max(prices, default=math.nan),
        "log_unit_value_mean": lambda: statistics.fmean(prices) if prices else math.nan,
        "log_unit_value_std": lambda: statistics.stdev(prices) if len(prices) > 1 else math.nan,
        "days_since_first": lambda: days[-1] if days else math.nan,
        "days_since_last": lambda: days[0] if days else math.nan,
    }[measure]()


def profile_features(
    names: list[str], declarations: pd.DataFrame, inspections: pd.DataFrame
) -> pd.DataFrame:
    items = goods(declarations)
    inspected = controls(items, inspections)
    asked = [item for item in items if held_until(item) == NEVER]
    rows = [{name: feature(name, item, items, inspected) for name in names} for item in asked]
    return pd.DataFrame(rows, columns=names, dtype=float)
