"""A small world whose true risk is known, for tests of models and training."""

import numpy as np
import pandas as pd
from scipy.special import expit

from features.catalog import FeatureSet
from features.feature import Derived, Feature
from models import Examples, FitSettings

QUICK = FitSettings(max_trees=60, patience=10, num_leaves=8, offence_positives=50, threads=1)
LEVELS = ("KR", "NL", "PE", "TR")
EFFECT = {"KR": -1.0, "NL": 0.0, "PE": 1.5, "TR": 0.5}


def _as_declared(columns):
    return columns["value"]


def a_feature(name, kind="number"):
    return Feature(name, kind, "unit", f"The {name}", "not stated", f"{name} is {{value}}", 3)


def a_feature_set(*features):
    derived = tuple(Derived(feature, _as_declared) for feature in features)
    return FeatureSet("shipments", ("declaration_id", "item_number", "known_at"), (), derived)


FEATURES = a_feature_set(
    a_feature("gap"), a_feature("mass"), a_feature("origin", "category"), a_feature("noise")
)


def a_table(rows=3000, seed=0, start="2024-01-01", days=360):
    """Feature table in the order of time; two items in every third shipment."""
    random = np.random.default_rng(seed)
    items = np.tile([1, 1, 1, 2], rows // 4 + 1)[:rows]
    shipment = np.cumsum(items == 1)
    moments = np.sort(random.integers(0, days * 86_400, shipment.max() + 1))
    known_at = pd.Timestamp(start, tz="UTC") + pd.to_timedelta(moments[shipment], unit="s")
    gap = random.normal(size=rows)
    gap[random.random(rows) < 0.1] = np.nan
    return pd.DataFrame(
        {
            "declaration_id": [f"D{seed}-{number}" for number in shipment],
            "item_number": items,
            "known_at": known_at.astype("datetime64[us, UTC]"),
            "gap": gap,
            "mass": random.lognormal(size=rows),
            "origin": pd.Series(random.choice(LEVELS, rows), dtype="str"),
            "noise": random.normal(size=rows),
        }
    )


def true_log_odds(table):
    """The log-odds with which the synthetic world commits offences."""
    effect = table["origin"].map(EFFECT).fillna(0.0).to_numpy(dtype=float)
    return -1.5 + 1.5 * table["gap"].fillna(0).to_numpy() + effect


def some_examples(rows=3000, seed=0):
    """Labelled rows; results are known ten days later."""
    table = a_table(rows, seed)
    random = np.random.default_rng(seed + 1)
    outcome = random.random(rows) < expit(true_log_odds(table))
    drugs = outcome & (random.random(rows) < 0.5)
    labels = pd.DataFrame(
        {
            "outcome": outcome,
            "found_drugs": drugs,
            "found_fraud": outcome & ~drugs,
            "label_known_at": table["known_at"] + pd.Timedelta(days=10),
            "weight": 1.0,
            "random": False,
            "revenue": np.where(outcome, 100.0, np.nan),
            "selection_probability": np.nan,
        }
    )
    return Examples(table, labels)
