"""The sentences around a feature's own: what is normal, which way it weighs, what is novel.

They are made from what is kept of a reason, so that a stored one can be told in any language.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from features.catalog import FeatureSet
from features.feature import Feature
from features.language import ENGLISH, Language, language
from models.normals import Peers
from models.values import Value

__all__ = ["MESSAGES", "Saying", "novelty_text", "retold", "saying"]

# Stands where a feature's own words will: no message has it.
_SAID = "\N{OBJECT REPLACEMENT CHARACTER}"
_PLAIN = "{said}."
_USUAL = "{said}; usual {among} is {usual}."
_SPREAD = "{said}; usual {among} is {usual}, half lie from {lower} to {upper}."
_MOST = "{said}; most frequent {among} is {usual} ({share} %)."
_AMONG = {
    "hs_chapter": "in HS chapter {value}",
    "class_of_vehicle": "for vehicles of class {value}",
}
_AMONG_ALL = {"shipments": "in all shipments", "crossings": "in all crossings"}
_ALONE = {True: "This raises the risk.", False: "This lowers the risk."}
_TOGETHER = {
    True: (
        "Together with {count} related feature this raises the risk.",
        "Together with {count} related features this raises the risk.",
    ),
    False: (
        "Together with {count} related feature this lowers the risk.",
        "Together with {count} related features this lowers the risk.",
    ),
}
_NOVEL = "Unlike the records that the model was trained on, most of all in this: {said}."

# Every message above, those for one or several as pairs: what a translation must hold.
MESSAGES: tuple[str | tuple[str, str], ...] = (
    *(_PLAIN, _USUAL, _SPREAD, _MOST, _NOVEL),
    *(*_AMONG.values(), *_AMONG_ALL.values(), *_ALONE.values()),
    *_TOGETHER.values(),
)


class Saying(NamedTuple):
    """What is said of a feature among like records, whatever its value.

    Attributes
    ----------
    peers : what is normal of it, as the API gives it.
    before, after : what stands before the feature's own words, and after them.
    """

    feature: Feature
    peers: dict[str, Any]
    language: Language
    before: str
    after: str

    def text(self, value: Value, row: Mapping[str, Value], raises: bool, others: int) -> str:
        """Tell a reason: the value, what is normal, and which way it weighs.

        Parameters
        ----------
        row : the record's features, for wordings that name several.
        raises : whether the reason raises the risk.
        others : how many features contributed beside this one.
        """
        said = self.feature.said(value, row, self.language)
        return f"{self.before}{said}{self.after} {_weighs(raises, others, self.language.code)}"


def novelty_text(
    features: FeatureSet, strangest: str, row: Mapping[str, Value], language: Language = ENGLISH
) -> str:
    """Say that a record is unlike those of training, and most of all in which feature."""
    said = features[strangest].said(row[strangest], row, language)
    return language.text(_NOVEL).format(said=said)


def retold(
    features: FeatureSet, score: Mapping[str, Any], row: Mapping[str, Value], language: Language
) -> dict[str, Any]:
    """Tell the reasons and the novelty of a score, as the API gives them, in another language.

    What is of a feature that is no longer declared, or was told by an earlier release, stays as
    it was told.

    Returns
    -------
    ``reasons`` and ``novelty`` as they came, with other texts.
    """

    def again(reason: Mapping[str, Any]) -> dict[str, Any]:
        if reason["feature"] not in features.names or not reason.get("peers"):
            return {**reason}
        raises, others = reason["direction"] == "raises", len(reason["features"]) - 1
        peers = Peers.from_json(reason["peers"])
        of_feature = saying(features[reason["feature"]], peers, features.subject, language.code)
        return {**reason, "text": of_feature.text(reason["value"], row, raises, others)}

    novelty = score.get("novelty")
    if novelty and novelty["text"] and novelty["feature"] in features.names:
        text = novelty_text(features, novelty["feature"], row, language)
        novelty = {**novelty, "text": text}
    return {"reasons": [again(reason) for reason in score["reasons"]], "novelty": novelty}


@lru_cache(maxsize=10_000)
def saying(feature: Feature, peers: Peers, subject: str, code: str = ENGLISH.code) -> Saying:
    """Say what is normal of a feature of a subject, in a language.

    The same for every record with the same peers, of which there are few; so it is kept.
    """
    spoken, normal = language(code), peers.normal
    shown = {
        "said": _SAID,
        "among": _among(peers, subject, spoken),
        "usual": feature.shown(normal.usual, spoken),
        "lower": feature.shown(normal.lower, spoken),
        "upper": feature.shown(normal.upper, spoken),
        "share": spoken.number(100 * (normal.share or 0.0), 0),
    }
    if normal.usual is None:
        message = _PLAIN
    elif normal.share is not None:
        message = _MOST
    else:
        message = _USUAL if shown["lower"] == shown["upper"] else _SPREAD
    before, _, after = spoken.text(message).format_map(shown).partition(_SAID)
    return Saying(feature, peers.to_json(), spoken, before, after)


@lru_cache
def _weighs(raises: bool, others: int, code: str) -> str:
    spoken = language(code)
    if not others:
        return spoken.text(_ALONE[raises])
    return spoken.texts(*_TOGETHER[raises], others).format(count=others)


def _among(peers: Peers, subject: str, language: Language) -> str:
    if peers.alike is None:
        return language.text(_AMONG_ALL[subject])
    return language.text(_AMONG[peers.alike]).format(value=peers.value)
