"""The risk model of a subject: scores with reasons, saved without pickle.

A model works only with the feature set it was fitted on: another fingerprint is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from features.catalog import FeatureSet, feature_set
from features.errors import TidewaiterError
from models.calibration import Platt
from models.encoding import Encoding
from models.examples import OVERALL
from models.explanation import Explanation
from models.head import Head
from models.normals import Normals
from models.novelty import Novelty, Surprise
from models.ranking import ranking, riskiest_items
from models.reasons import Reasoning
from models.related import Related
from models.selection import Thresholds
from models.values import Table

FORMAT = 3


class FingerprintError(TidewaiterError):
    """A model was fitted on other features than the catalogue declares now."""


@dataclass(frozen=True)
class Scores:
    """One row an item: identity, ``log_odds``, ``risk`` and a ``risk_<offence>`` a head."""

    frame: pd.DataFrame


@dataclass(frozen=True)
class RiskModel:
    """An overall risk and one head per offence, over one feature set.

    Attributes
    ----------
    heads : by outcome, ``overall`` first.
    thresholds : risks above which a shipment is red or yellow.
    normals : what is normal of each feature in training, among all records and like ones.
    related : features that are one reason, together; every feature once.
    unseen : tells records that are unlike those of training.
    tie_key : key of the hash that orders equal risks.
    periods, counts : what the model was fitted on, as plain JSON.
    """

    features: FeatureSet
    encoding: Encoding
    heads: Mapping[str, Head]
    thresholds: Thresholds
    normals: Normals
    related: Related
    unseen: Novelty
    tie_key: bytes = field(repr=False)
    periods: Mapping[str, str]
    counts: Mapping[str, int]

    @property
    def subject(self) -> str:
        """``shipments`` or ``crossings``."""
        return self.features.subject

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The features, in the order of contributions."""
        return self.encoding.names

    @property
    def fingerprint(self) -> str:
        """Of the feature set."""
        return self.features.fingerprint

    @cached_property
    def reasoning(self) -> Reasoning:
        """How contributions become reasons."""
        return Reasoning(self.features, self.related, self.normals)

    @property
    def offences(self) -> tuple[str, ...]:
        """Offences with a head of their own."""
        return tuple(name for name in self.heads if name != OVERALL)

    def score(self, table: pd.DataFrame) -> Scores:
        """Score every row of a feature table, in its order."""
        risks = self.risks(self.encoding.matrix(table))
        return Scores(table[list(self.features.identity)].assign(**risks))

    def risks(self, matrix: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """``log_odds``, ``risk`` and a ``risk_<offence>`` a head of encoded rows, shape (n,)."""
        log_odds = self.heads[OVERALL].log_odds(matrix)
        risks = {"log_odds": log_odds, "risk": expit(log_odds)}
        heads = {name: self.heads[name].log_odds(matrix) for name in self.offences}
        return risks | {f"risk_{name}": expit(odds) for name, odds in heads.items()}

    def explain(self, table: pd.DataFrame) -> Explanation:
        """Contributions to the overall log-odds of every row of a feature table."""
        return self.explain_encoded(self.encoding.matrix(table))

    def explain_encoded(self, matrix: NDArray[np.float64]) -> Explanation:
        """Explain the same of encoded rows, shape (n, f)."""
        return self.heads[OVERALL].explain(matrix)

    def novelty(self, table: Table) -> list[Surprise]:
        """Tell how unlike those trained on each row of a feature table is, by what it states."""
        return self.unseen.of(table)

    def per_shipment(self, scores: Scores) -> pd.DataFrame:
        """Keep the riskiest item of each subject, subjects in order of first appearance."""
        return riskiest_items(scores.frame, self.features.identity[0])

    def ranking(self, shipments: pd.DataFrame) -> NDArray[np.intp]:
        """Positions of the rows of `per_shipment` from the riskiest to the least risky."""
        ids = shipments[self.features.identity[0]].tolist()
        return ranking(shipments["log_odds"].to_numpy(), ids, self.tie_key)

    def channel(self, risk: NDArray[np.float64]) -> NDArray[np.str_]:
        """Channel of each risk: ``red``, ``yellow`` or ``green``."""
        return self.thresholds.channels(risk)

    def save(self, folder: Path) -> None:
        """Write ``model.json``, ``normals.json`` and a LightGBM text file a head into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, head in self.heads.items():
            head.save(folder / f"{name}.txt")
        plain = self._to_json()
        text = json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=1)
        (folder / "model.json").write_text(text, encoding="utf-8")
        normals = json.dumps(self.normals.to_json(), ensure_ascii=False, allow_nan=False)
        (folder / "normals.json").write_text(normals, encoding="utf-8")

    def _to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "subject": self.subject,
            "fingerprint": self.fingerprint,
            "encoding": self.encoding.to_json(),
            "heads": {name: head.calibration.to_json() for name, head in self.heads.items()},
            "thresholds": self.thresholds.to_json(),
            "related": self.related,
            "novelty": self.unseen.to_json(),
            "tie_key": self.tie_key.hex(),
            "periods": dict(self.periods),
            "counts": dict(self.counts),
        }

    @classmethod
    def load(cls, folder: Path, features: FeatureSet | None = None) -> RiskModel:
        """Read a model that `save` wrote.

        Parameters
        ----------
        features : the feature set to score with; the catalogue's when absent.

        Raises
        ------
        FingerprintError
            When the model was fitted on another feature set.
        """
        plain = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        features = features if features is not None else feature_set(plain["subject"])
        _check_fingerprint(plain, features, folder)
        heads = {
            name: Head.load(folder / f"{name}.txt", Platt.from_json(line))
            for name, line in plain["heads"].items()
        }
        encoding = Encoding.from_json(plain["encoding"])
        # Now, not when the first shipment waits: what explains is slow to make.
        heads[OVERALL].explain(np.empty((0, len(encoding.names))))
        return cls(
            features=features,
            encoding=encoding,
            heads=heads,
            thresholds=Thresholds.from_json(plain["thresholds"]),
            normals=Normals.from_json(json.loads((folder / "normals.json").read_bytes())),
            related=tuple(map(tuple, plain["related"])),
            unseen=Novelty.from_json(plain["novelty"]),
            tie_key=bytes.fromhex(plain["tie_key"]),
            periods=plain["periods"],
            counts=plain["counts"],
        )


def _check_fingerprint(plain: Mapping[str, Any], features: FeatureSet, folder: Path) -> None:
    if plain["format"] != FORMAT:
        raise TidewaiterError(f"{folder}: expected model format {FORMAT}, got {plain['format']}")
    if plain["fingerprint"] != features.fingerprint:
        raise FingerprintError(
            f"{folder}: the model was fitted on the feature set {plain['fingerprint'][:12]}, "
            f"the catalogue now declares {features.fingerprint[:12]} for {features.subject}: "
            "train a new version, or run the release that the model was trained with"
        )
