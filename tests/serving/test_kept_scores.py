"""What is kept of a score is what the documented model of it writes, to the byte."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.store import LINKS
from models.assessment import Assessment
from models.normals import Normal, Peers
from models.novelty import Surprise
from serving.answers import Score
from serving.scoring import Filing, kept

NOW = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
LOADED = SimpleNamespace(
    version="7", model=SimpleNamespace(subject="shipments", fingerprint="of these features")
)
FIGURES = st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.text(st.characters(codec="utf-8"))


def a_reason(figure, word):
    parts = [
        {"feature": "origin", "value": word, "contribution": figure},
        {"feature": "gap", "value": figure, "contribution": -0.5},
        {"feature": "mass", "value": None, "contribution": 1e-7},
    ]
    peers = Peers("chapter", word, Normal(40, figure, -1.5, 1e16)).to_json()
    told = {"direction": "raises" if figure > 0 else "lowers", "text": word}
    return {**parts[0], **told, "features": parts, "peers": peers}


def assessed(figure=0.5, word="A"):
    """Assess a shipment without a model: every number is this figure."""
    return Assessment(
        id=word,
        item_number=1,
        known_at=NOW,
        risk=0.25,
        log_odds=figure,
        base_value=-figure,
        channel="green",
        offences={"fraud": 0.125},
        reasons=[a_reason(figure, word), a_reason(1.0, word)],
        other_contribution=figure,
        surprise=Surprise(abs(figure), 20.0, "origin"),
        unlike=word,
        features={"origin": word, "gap": figure, "mass": None},
        contributions=np.array([figure, -0.5, 1e-7]),
    )


def row_of(one):
    [row] = Filing({one.id: "of its content"}).under([kept(LOADED, one, NOW)])
    return row


@given(figure=FIGURES.filter(lambda figure: abs(figure) < 1e300), word=WORDS)
def test_a_score_is_written_as_its_documented_model_writes_it(figure, word):
    row = row_of(assessed(figure, word))
    score = Score.model_validate_json(row["body"])
    assert score.model_dump_json(exclude=set(LINKS)) == row["body"]
    assert (score.id, score.log_odds, score.reasons[1].text) == (word, figure, word)
    assert row["features"] == {"origin": word, "gap": figure, "mass": None}
    assert (row["risk"], row["log_odds"], row["known_at"]) == (0.25, figure, row["scored_at"])


@pytest.mark.parametrize("figure", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("name", ["log_odds", "base_value", "other_contribution", "reasons"])
def test_a_figure_that_is_not_finite_is_never_written(name, figure):
    value = [a_reason(figure, "A")] if name == "reasons" else figure
    with pytest.raises(ValueError, match="expected finite figures"):
        row_of(replace(assessed(), **{name: value}))
