"""Features over history: the declared catalogue on DuckDB beside pandas' groupby and rolling.

The catalogue's time is everything from frames of records to the finished table. What is derived
from a record is part of that time and counts as a feature in one ratio only: the other one divides
all of it by the features that profiles remember, which is what pandas computes too.

The pandas side computes nine features as a data scientist would write them: facts of an instant
summed, days summed, ``rolling`` over the days before, ``cumsum`` over the day so far. Their values
are asserted to be those of the catalogue before anything is timed: counts exactly, prices within
1e-9, as the order of addition differs. Pandas has no windows of distinct values: declarations are
distinct within an instant, which suffices only because a declaration's items are known at once.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from features.batch import compute
from features.catalog import FeatureSet, feature_set
from tests.benchmarks.harness import Contender, Options, Result, alternate
from tests.benchmarks.memory import cost
from tests.benchmarks.worlds import Frames, checked, simulated

ROWS = 1_000_000
ROUNDS = 3
TRADERS = ("importer", "exporter", "declarant")
WINDOWS = (30, 365)
SHARED = (
    *(f"{role}__declarations__{window}d" for role in TRADERS for window in WINDOWS),
    "hs_origin__log_unit_value_mean__365d",
    "importer__inspections__365d",
    "importer__offences__365d",
)
DAY = pd.Timedelta(days=1)


def run(options: Options) -> Result:
    assert options.folder is not None
    folder = simulated(options.folder, options.rows or ROWS, options.seed)
    frames = checked(folder)
    assert_same(by_catalogue(frames, shared_set()), by_pandas(frames))
    whole, shared = feature_set("shipments"), shared_set()
    remembered = sum(len(entry.columns) for entry in whole.remembered)
    contenders = (
        Contender("catalogue, all", lambda _: by_catalogue(frames, whole), len(whole.names)),
        Contender("catalogue, shared", lambda _: by_catalogue(frames, shared), len(shared.names)),
        Contender("pandas, shared", lambda _: by_pandas(frames), len(SHARED)),
    )
    timings = alternate(contenders, options.rounds or ROUNDS)
    everything, same, pandas = (timings[contender.name] for contender in contenders)
    return Result(
        "batch_features",
        "feature",
        {kind: len(frame) for kind, frame in frames.items()}
        | {
            "features": len(whole.names),
            "of profiles": remembered,
            "shared features": len(SHARED),
        },
        timings,
        {
            "pandas / catalogue, a feature of all": pandas.unit_s / everything.unit_s,
            "pandas / catalogue, a feature of profiles": pandas.unit_s
            / (everything.median_s / remembered),
            "pandas / catalogue, same features": pandas.median_s / same.median_s,
        },
        peaks(folder),
    )


def peaks(folder: Path) -> dict[str, float]:
    """Measure the memory of each contender in a process of its own, which holds the records too."""
    facts = {}
    for name, work in (
        ("catalogue, all", all_of_catalogue),
        ("catalogue, shared", shared_of_catalogue),
        ("pandas, shared", by_pandas),
    ):
        _, records, peak = cost(checked, work, folder)
        facts |= {f"peak MB: {name}": peak, f"peak MB over the records: {name}": peak - records}
    return facts


def shared_set() -> FeatureSet:
    """Cut the catalogue down to the profiles and windows that pandas computes too."""
    profiles = []
    for profile in feature_set("shipments").profiles:
        measures = []
        for measure in profile.measures:
            windows = tuple(w for w in measure.windows if profile.feature(measure, w) in SHARED)
            if windows:
                measures.append(replace(measure, windows=windows))
        if measures:
            profiles.append(replace(profile, measures=tuple(measures)))
    full = feature_set("shipments")
    return FeatureSet(full.subject, full.identity, tuple(profiles), ())


def by_catalogue(frames: Frames, features: FeatureSet) -> pd.DataFrame:
    return compute(features, frames, frames["declarations"])


def all_of_catalogue(frames: Frames) -> pd.DataFrame:
    return by_catalogue(frames, feature_set("shipments"))


def shared_of_catalogue(frames: Frames) -> pd.DataFrame:
    return by_catalogue(frames, shared_set())


def assert_same(catalogue: pd.DataFrame, pandas: pd.DataFrame) -> None:
    assert set(catalogue.columns) - set(pandas.columns) == set(feature_set("shipments").identity)
    for name in SHARED:
        tolerance = 1e-9 if "mean" in name else 0.0
        np.testing.assert_allclose(
            pandas[name].to_numpy(float),
            catalogue[name].to_numpy(float),
            rtol=tolerance,
            atol=tolerance,
            err_msg=name,
        )


def by_pandas(frames: Frames) -> pd.DataFrame:
    """Compute the shared features with groupby, rolling and merge."""
    goods = _goods(frames["declarations"])
    results: dict[str, np.ndarray] = {}
    for role in TRADERS:
        results |= _declarations(goods, role)
    results["hs_origin__log_unit_value_mean__365d"] = _mean_price(goods)
    results |= _inspections(goods, frames["inspections"])
    return pd.DataFrame({name: results[name] for name in SHARED})


def _goods(declarations: pd.DataFrame) -> pd.DataFrame:
    goods = declarations.reset_index(drop=True)
    mass, value = goods["net_mass_kg"], goods["customs_value"]
    price = np.log((value / mass).where((mass > 0) & (value > 0)))
    known_at = goods["known_at"].dt.tz_localize(None)
    return goods.assign(
        known_at=known_at, day=known_at.dt.floor("D"), hs=goods["hs_code"].str[:6], price=price
    )


def _declarations(goods: pd.DataFrame, role: str) -> dict[str, np.ndarray]:
    keys = [f"{role}_id"]
    facts = goods.groupby([*keys, "day", "known_at"])["declaration_id"].nunique()
    facts = facts.rename("n").reset_index()
    return {
        f"{role}__declarations__{window}d": _windowed(facts, goods, keys, ["n"], window)["n"]
        for window in WINDOWS
    }


def _mean_price(goods: pd.DataFrame) -> np.ndarray:
    keys = ["hs", "origin_country"]
    facts = goods.groupby([*keys, "day", "known_at"])["price"].agg(total="sum", n="count")
    sums = _windowed(facts.reset_index(), goods, keys, ["total", "n"], 365)
    with np.errstate(invalid="ignore"):
        return sums["total"] / np.where(sums["n"] > 0, sums["n"], np.nan)


def _inspections(goods: pd.DataFrame, inspections: pd.DataFrame) -> dict[str, np.ndarray]:
    found = inspections[inspections["subject"] == "shipments"]
    found = found.assign(known_at=found["known_at"].dt.tz_localize(None))
    columns = ["inspection_id", "subject_id", "item_number", "known_at", "result"]
    joined = found[columns].merge(
        goods[["declaration_id", "item_number", "importer_id", "known_at"]],
        left_on="subject_id",
        right_on="declaration_id",
        suffixes=("", "_goods"),
    )
    same = joined["item_number"].isna() | (joined["item_number"] == joined["item_number_goods"])
    joined = joined[same]
    joined["known_at"] = joined[["known_at", "known_at_goods"]].max(axis="columns")
    joined["day"] = joined["known_at"].dt.floor("D")
    joined["offence"] = joined["inspection_id"].where(joined["result"] == "offence")
    facts = joined.groupby(["importer_id", "day", "known_at"])
    facts = facts[["inspection_id", "offence"]].nunique().reset_index()
    sums = _windowed(facts, goods, ["importer_id"], ["inspection_id", "offence"], 365)
    return {
        "importer__inspections__365d": sums["inspection_id"],
        "importer__offences__365d": sums["offence"],
    }


def _windowed(
    facts: pd.DataFrame, asked: pd.DataFrame, keys: list[str], values: list[str], window: int
) -> dict[str, np.ndarray]:
    """Sum facts over the whole days before each asked row's day, and over that day so far."""
    rows = asked[[*keys, "day", "known_at"]]
    whole, so_far = _whole(facts, rows, keys, values, window), _so_far(facts, rows, keys, values)
    before = rows.merge(whole, how="left", on=[*keys, "day"])
    today = rows.merge(so_far, how="left", on=[*keys, "day", "known_at"])
    nobody = asked[keys].isna().any(axis="columns").to_numpy()
    return {
        name: np.where(nobody, np.nan, before[name].fillna(0) + today[name].fillna(0))
        for name in values
    }


def _whole(
    facts: pd.DataFrame, rows: pd.DataFrame, keys: list[str], values: list[str], window: int
) -> pd.DataFrame:
    days = pd.concat([facts[[*keys, "day", *values]], rows[[*keys, "day"]].drop_duplicates()])
    days = days.fillna(dict.fromkeys(values, 0)).groupby([*keys, "day"])[values].sum().reset_index()
    rolled = days.groupby(keys).rolling(f"{window}D", on="day", closed="left")[values].sum()
    days[values] = rolled[values].to_numpy()
    return days


def _so_far(
    facts: pd.DataFrame, rows: pd.DataFrame, keys: list[str], values: list[str]
) -> pd.DataFrame:
    every = [*keys, "day", "known_at"]
    instants = pd.concat([facts[[*every, *values]], rows.drop_duplicates()])
    instants = instants.fillna(dict.fromkeys(values, 0)).groupby(every)[values].sum().reset_index()
    running = instants.groupby([*keys, "day"])[values].cumsum()
    instants[values] = running - instants[values]
    return instants
