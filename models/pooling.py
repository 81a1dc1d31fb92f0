"""Several boosters as one: their log-odds are averaged, so explanations stay additive.

A weighted mean of log-odds is a logarithmic opinion pool (Genest and Zidek, "Combining probability
distributions", 1986). A booster's log-odds are a sum over its trees, so the pool is one booster
too: the trees of all, each leaf scaled by its booster's share.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

Floats = NDArray[np.float64]

# What equal shares weigh against the records, in log-loss summed over them: hundreds of offences
# move the shares, a few dozen hardly do.
EQUALITY = 100.0


def fit_shares(raw: Floats, outcome: NDArray[np.bool_], weight: Floats) -> Floats:
    """Find how much to trust each booster, by records that none of them has seen.

    Parameters
    ----------
    raw : shape (n, m), raw log-odds of m boosters.
    outcome : shape (n,), whether an offence was found.
    weight : shape (n,), positive weights of mean 1.

    Returns
    -------
    shape (m,), from 0 to 1, summing to 1.

    Notes
    -----
    Logistic regression on the log-odds with coefficients of at least 0, which are drawn to their
    mean (stacking: Wolpert, "Stacked generalization", 1992).
    """
    members = raw.shape[1]

    def loss(parameters: Floats) -> tuple[float, Floats]:
        slopes = parameters[:-1]
        log_odds, apart = raw @ slopes + parameters[-1], slopes - slopes.mean()
        residual = weight * (expit(log_odds) - outcome)
        value = np.sum(weight * (np.logaddexp(0.0, log_odds) - outcome * log_odds))
        gradient = np.append(raw.T @ residual + EQUALITY * apart, residual.sum())
        return float(value + EQUALITY / 2 * apart @ apart), gradient

    start = np.append(np.full(members, 1 / members), 0.0)
    found = minimize(loss, start, jac=True, bounds=[(0.0, None)] * members + [(None, None)])
    slopes = found.x[:-1]
    return slopes / slopes.sum() if slopes.any() else np.full(members, 1 / members)


def pooled(boosters: Sequence[lgb.Booster], shares: Floats) -> lgb.Booster:
    """Make the booster whose raw log-odds are the mean of several's, weighted by their shares.

    Parameters
    ----------
    boosters : of the same columns, whose trees add up to one score.
    shares : shape (m,), one a booster.
    """
    texts = [booster.model_to_string() for booster in boosters]
    header, _, _ = texts[0].partition("\nTree=")
    _, _, end = texts[0].partition("\nend of trees")
    trees = [
        _scaled(tree, share)
        for text, share in zip(texts, shares, strict=True)
        for tree in _trees(text)
    ]
    # Without their sizes LightGBM finds where trees begin by reading them.
    header = re.sub(r"^tree_sizes=.*$", "", header, flags=re.MULTILINE)
    numbered = "".join(f"\nTree={number}\n{tree}" for number, tree in enumerate(trees))
    return lgb.Booster(model_str=f"{header}{numbered}\nend of trees{end}")


def _trees(text: str) -> list[str]:
    """Split a model's text into its trees, without their numbers."""
    body, _, _ = text.partition("\nend of trees")
    return [part.partition("\n")[2] for part in body.split("\nTree=")[1:]]


def _scaled(tree: str, share: float) -> str:
    """Scale the leaves of a tree; what a node says of the rows that reached it stays."""
    before, name, rest = tree.partition("\nleaf_value=")
    values, end, after = rest.partition("\n")
    scaled = " ".join(str(float(value) * share) for value in values.split())
    return f"{before}{name}{scaled}{end}{after}"
