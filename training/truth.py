"""A model and its evaluation beside the hidden truth of a simulated world.

Only of simulated records, and only to judge what was estimated: nothing that learns reads it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from features.catalog import RECORDS, FeatureSet
from models import RiskModel
from models.examples import OVERALL
from training.metrics import expected_calibration_error, inspected, ranking_metrics
from training.simulation.control import controls, crossings, shipments

ESTIMATED = "precision_at_5pct"
_BY_LOT = {"declarations": shipments.TYPE_SHARES[1], "crossings": crossings.TYPE_SHARES[1]}


def present(folder: Path, features: FeatureSet) -> pd.DataFrame:
    """Read who offended in a world that `simulate` wrote, whether anyone looked or not.

    Returns
    -------
    One row a shipment (or crossing), by its id, and a column an offence: 1.0 where it is there.
    """
    truth = pd.read_parquet(folder / "truth" / f"{RECORDS[features.subject]}.parquet")
    committed = pd.get_dummies(truth["offence"], dtype="float64")
    return committed.groupby(truth[features.identity[0]]).max()


def findable(there: pd.DataFrame, features: FeatureSet) -> pd.DataFrame:
    """Give the probability that a control by lot whose result is a label finds what is there.

    This is what a risk claims to be: scans and documents miss much of what physical controls find,
    and a control of documents that finds nothing is no label.
    """
    shares = _BY_LOT[RECORDS[features.subject]]
    documents = int(np.flatnonzero(controls.CONTROL_TYPES == "documents")[0])
    found = {name: np.asarray(controls.DETECTION[str(name)]) for name in there}
    chance = {
        name: float(shares @ rate / (1 - shares[documents] * (1 - rate[documents])))
        for name, rate in found.items()
    }
    return there * pd.Series(chance)


def against_truth(
    model: RiskModel, traffic: pd.DataFrame, judged: pd.DataFrame, truth: pd.DataFrame
) -> dict[str, float]:
    """Compare risks and an evaluation's estimates with the truth.

    Parameters
    ----------
    traffic : feature table of every record of the period, inspected or not.
    judged : the inspected ones, ranked, as `judged_shipments` gives them.
    truth : what is `present`, or what of it is `findable`.

    Returns
    -------
    ``expected_calibration_error_<head>`` over all traffic; ``precision_at_5pct`` of all traffic,
    and its estimates from the inspected, ``_uncorrected`` and ``_corrected`` by the inverse of the
    selection probability.
    """
    scored = model.per_shipment(model.score(traffic))
    ranked = scored.iloc[model.ranking(scored)].reset_index(drop=True)
    there = truth.loc[ranked[model.features.identity[0]]].reset_index(drop=True)
    there[OVERALL] = there.max(axis=1)
    every = np.ones(len(ranked))
    figures = {"share": float(there[OVERALL].mean()), "mean_risk": float(ranked["risk"].mean())}
    for name in model.heads:
        risk = ranked["risk" if name == OVERALL else f"risk_{name}"].to_numpy(dtype=np.float64)
        error = expected_calibration_error(there[name].to_numpy(), risk, every)
        figures[f"expected_calibration_error_{name}"] = error
    return figures | {
        ESTIMATED: float(there.loc[inspected(every, 5), OVERALL].mean()),
        f"{ESTIMATED}_uncorrected": ranking_metrics(judged)[ESTIMATED],
        f"{ESTIMATED}_corrected": ranking_metrics(judged, weighted=True)[ESTIMATED],
    }
