"""What the API answers: scores with their reasons, and the records that failed.

Invariant: an answer never holds NaN or infinity, and the floats read back from a stored answer are
the floats first sent.
"""

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

LONGEST_VALUE = 200
WITHDRAWN = "withdrawn"


class Answer(BaseModel):
    """What every part of an answer has in common: no field beyond those documented."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Reason(Answer):
    """One feature of the record and what it added to the score."""

    feature: str = Field(description="Name of the feature, as in the catalogue")
    value: float | str | None = Field(description="Its value for this record; null where missing")
    contribution: float = Field(description="Exact SHAP value, in log-odds")
    text: str = Field(description="The sentence an officer reads")


class Score(Answer):
    """The risk of one shipment, its riskiest goods item's, naming it; or of one crossing."""

    id: str = Field(description="The shipment's `declaration_id`, or the crossing's `crossing_id`")
    item_number: int | None = Field(
        description="The riskiest goods item of the shipment; null for a crossing"
    )
    score_id: str = Field(description="Ask for this score again under `/v1/scores/{score_id}`")
    risk: float = Field(ge=0, le=1, description="Calibrated probability that an inspection finds")
    log_odds: float = Field(description="Natural log of risk / (1 - risk)")
    base_value: float = Field(description="The model's average log-odds, before any reason")
    channel: str = Field(description="`red` physical inspection, `yellow` documents, `green`")
    offences: dict[str, float] = Field(description="Calibrated probability of each offence")
    reasons: list[Reason] = Field(description="The strongest contributions, strongest first")
    other_contribution: float = Field(description="Sum of all contributions not among the reasons")
    model_version: str = Field(description="Version of the registered model that scored")
    supersedes: str | None = Field(
        default=None, description="`score_id` of the record's score before it was amended"
    )
    superseded_by: str | None = Field(
        default=None, description="`score_id` of the record's score since it was amended"
    )


class RecordError(Answer):
    """One reason why a record was not accepted, or has no score."""

    index: int = Field(description="Position of the record in `records`, from 0")
    id: str | None = Field(description="The record's own id, where it could be read")
    field: str = Field(description="The field at fault; empty where it is the record itself")
    code: str = Field(description="What is wrong, as a short stable name")
    detail: str = Field(description="What was expected and what came")
    value: bool | int | float | str | None = Field(
        description='What came; NaN and infinities as the strings "NaN", "Infinity", "-Infinity";'
        ' "(withheld)" where it may be the name or address of a party'
    )


class ScoresAnswer(Answer):
    """The scores, one a subject in order of first appearance, and the records without one."""

    scores: list[Score]
    errors: list[RecordError]


class Readiness(Answer):
    """What could be scored now."""

    status: Literal["ready"] = "ready"
    subjects: list[str] = Field(description="The subjects whose champion is loaded")
    troubles: list[str] | None = Field(
        default=None,
        description="Which version the registry names is not the one that serves, and which does"
        " meanwhile; absent where all is well",
    )


class RecordsAnswer(Answer):
    """What became of the facts handed in."""

    accepted: int = Field(ge=0, description="Records taken in: new, unchanged or amended")
    unchanged: int = Field(ge=0, description="Of these, already known with the same content")
    amended: int = Field(ge=0, description="Of these, new versions of a known record")
    errors: list[RecordError]


def sayable(value: object) -> bool | int | float | str | None:
    """Say any value that came in as a plain JSON scalar.

    Examples
    --------
    >>> sayable(float("nan")), sayable(float("-inf")), sayable(3.5), sayable([1, 2])
    ('NaN', '-Infinity', 3.5, '[1, 2]')
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else _name_of(value)
    text = value if isinstance(value, str) else str(value)
    return text.encode("utf-8", "replace").decode("utf-8")[:LONGEST_VALUE]


def _name_of(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
