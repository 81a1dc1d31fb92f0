"""What the API answers: scores with their reasons, and the records that failed.

Invariant: an answer never holds NaN or infinity, and the floats read back from a stored answer are
the floats first sent.
"""

import math
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

LONGEST_VALUE = 200
WITHDRAWN = "withdrawn"
_EARLIER = "stored by an earlier release"


class Answer(BaseModel):
    """What every part of an answer has in common: no field beyond those documented."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Part(Answer):
    """One feature of the record and what it added to the score."""

    feature: str = Field(description="Name of the feature, as in the catalogue")
    value: float | str | None = Field(description="Its value for this record; null where missing")
    contribution: float = Field(description="Exact SHAP value, in log-odds")


class Peers(Answer):
    """What is normal of a feature among the training records that this one is compared with."""

    alike: str | None = Field(
        description="The feature in which these records agree with this one; null for all records"
    )
    value: str | None = Field(description="Its value; null for all records")
    records: int = Field(ge=0, description="How many of them have a value of the reason's feature")
    usual: float | str | None = Field(
        description="Median of a number, most frequent level of a category; null where none has one"
    )
    lower: float | None = Field(description="First quartile of a number; null of a category")
    upper: float | None = Field(description="Third quartile of a number; null of a category")
    share: float | None = Field(
        description="Share of a category's most frequent level, 0 to 1; null of a number"
    )


class Reason(Part):
    """A feature, or several that tell one story, and what they added to the score together.

    `feature` and `value` are the strongest one's; `contribution` is the sum over `features`.
    """

    direction: Literal["raises", "lowers"] | None = Field(
        None, description=f"Whether it raises the risk or lowers it; {_EARLIER}"
    )
    text: str = Field(description="The sentences an officer reads, in the language asked for")
    features: list[Part] = Field(
        default=[], description=f"What each added, the strongest first; empty: {_EARLIER}"
    )
    peers: Peers | None = Field(
        None, description=f"What is normal of the strongest feature; null: {_EARLIER}"
    )


class Novelty(Answer):
    """Whether the record is unlike those the model was trained on, by what it states itself."""

    is_novel: bool = Field(
        description="Whether `surprisal` exceeds `threshold`: the risk of such a record is a guess"
    )
    surprisal: float = Field(
        ge=0, description="How unusual its values are, in natural logs, summed over features"
    )
    threshold: float = Field(
        description="What 1 in 200 of the later training records exceeded, by the earlier ones"
    )
    feature: str = Field(description="The feature with the greatest part in it")
    text: str | None = Field(description="The sentence an officer reads; null where not novel")


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
    novelty: Novelty | None = Field(
        None, description=f"Of the item that the score is of; null: {_EARLIER}"
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


@dataclass(frozen=True)
class ScoresText:
    """A :class:`ScoresAnswer` whose scores are JSON already, as each was written once."""

    scores: list[str]
    errors: list[RecordError]

    def to_json(self) -> str:
        """Write the whole answer."""
        errors = _ERRORS.dump_json(self.errors).decode()
        return f'{{"scores":[{",".join(self.scores)}],"errors":{errors}}}'


_ERRORS = TypeAdapter(list[RecordError])


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
