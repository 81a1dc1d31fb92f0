"""Exact SHAP values: why a score is what it is, fast enough to be said with every score."""

from models.explanation.explainer import Explainer
from models.explanation.explanation import Explanation

__all__ = ["Explainer", "Explanation"]
