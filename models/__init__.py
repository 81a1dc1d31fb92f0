"""The risk model as an object: fit, score, explain, select, save and load."""

from models.assessment import Assessment, assess
from models.examples import Examples
from models.explanation import Explanation
from models.fitting import fit_model
from models.risk import FingerprintError, RiskModel, Scores
from models.selection import Thresholds
from models.settings import FitSettings

__all__ = [
    "Assessment",
    "Examples",
    "Explanation",
    "FingerprintError",
    "FitSettings",
    "RiskModel",
    "Scores",
    "Thresholds",
    "assess",
    "fit_model",
]
