"""What a profile says of a few keys and instants now, from tiles and facts found by an index.

History is asked about all at once, so there a profile runs through everything it remembers. Here
each question has a number, its place, and what is found for it is merged by that number alone. The
components, their merges and their results are the profile's own, so both give the same features.

The relation of questions has these columns: ``place``; ``day_place``, the place whose whole earlier
days serve this one too, as it has the same keys and day; the profile's keys; ``day``; ``known_at``;
and ``owner``, whose the record is that asks, missing where no loose facts are looked at. Whole
earlier days are merged with the questions, or before them, and then kept as ``past``. The day of
asking is read from its facts; where no fact came after what is asked about, its tiles tell as much,
and all profiles that are asked by the same columns answer together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from features.circles import Circle
from features.components import Component
from features.facts import FACTS
from features.kept import Kept
from features.profiles import Merged, Profile

__all__ = [
    "Asked",
    "answers",
    "answers_together",
    "past",
    "past_schema",
    "question_schema",
    "shared_schema",
]

Expression = Any  # ibis publishes no types
Asked = Profile | Circle


def question_schema(asked: Asked) -> dict[str, str]:
    """Columns of the questions put to a profile or a circle, with their types."""
    return _question_schema(asked, asked.keys)


def shared_schema(asked: Asked) -> dict[str, str]:
    """Give the same, the keys named as the columns of the record that is asked about."""
    return _question_schema(asked, asked.asked_by)


def _question_schema(asked: Asked, named: Sequence[str]) -> dict[str, str]:
    columns = FACTS[asked.facts].columns
    keys = {name: columns[key] for name, key in zip(named, asked.keys, strict=True)}
    instant = {"day": "int64", "known_at": "int64"}
    return {"place": "int64", "day_place": "int64", **keys, **instant, "owner": "string"}


def past_schema(profile: Profile) -> dict[str, str]:
    """Columns of what whole days merge to, with their types."""
    parts = {f"{part.name}__{window}d": part.type for part, window in profile.stretches()}
    return {"past_place": "int64"} | parts


def answers(asked: Asked, questions: Expression, kept: Kept) -> Expression:
    """Give each place's features, with its number."""
    marked = _marked(asked, questions)
    if isinstance(asked, Circle):
        return asked.looked_up(marked, kept)
    merged = kept.tables.get("past")
    if merged is None:
        merged = past(asked, questions, kept.tables[f"tiles_{asked.name}"])
    so_far = _so_far(asked, questions, kept.tables[f"facts_{asked.facts}"])
    return _merged(asked, so_far, merged, kept.seen(marked, asked.facts, asked.keys))


def answers_together(
    profiles: Mapping[int, Profile], questions: Expression, kept: Kept
) -> Expression:
    """Give each place's features of profiles that are asked by the same columns.

    No fact of theirs that stays came after the instants asked about, and whole earlier days are
    merged: what the days of a profile are, its number is added to their place to find.

    Parameters
    ----------
    profiles : mapping of int to Profile
        By number.
    questions : relation
        As :func:`shared_schema` has them.
    kept : Kept
        Its tables have ``past_<number>`` for ``past``.
    """
    joined = questions
    for number, profile in profiles.items():
        today = kept.tables[f"tiles_{profile.name}"].rename(f"today_{number}_{{name}}")
        before = kept.tables[f"past_{number}"].rename(f"before_{number}_{{name}}")
        keys = zip((*profile.asked_by, "day"), profile.tile_key, strict=True)
        same = [questions[column] == today[f"today_{number}_{key}"] for column, key in keys]
        merged = questions.day_place + number == before[f"before_{number}_past_place"]
        joined = joined.left_join(today, same).left_join(before, merged)
        named = dict(zip(profile.keys, profile.asked_by, strict=True))
        found = kept.seen(_marked(profile, questions.rename(named)), profile.facts, profile.keys)
        if found is not None:
            loose = profile.loose(found, ["place"]).rename(f"loose_{number}_{{name}}")
            joined = joined.left_join(loose, questions.place == loose[f"loose_{number}_place"])
    features: dict[str, Expression] = {}
    for number, profile in profiles.items():
        is_loose = profile.facts in kept.not_settled
        found_for = _found_together(joined, number, is_loose=is_loose)
        features |= profile.results(found_for, joined.known_at)
    return joined.select("place", **features)


def _found_together(joined: Expression, number: int, *, is_loose: bool) -> Merged:
    def merged(part: Component, window: int) -> Expression:
        before = joined[f"before_{number}_{part.name}__{window}d"]
        settled = part.joined(before, joined[f"today_{number}_{part.name}"])
        if not is_loose:
            return settled
        return part.joined(settled, joined[f"loose_{number}_{part.name}__{window}d"])

    return merged


def past(profile: Profile, questions: Expression, tiles: Expression) -> Expression:
    """Merge the whole days before each day of asking, window by window, once for each keys and day.

    Places whose keys had no such day are not in it.
    """
    days = questions.filter(questions.place == questions.day_place)
    days = days.select(*profile.keys, past_place=days.place, asked_day=days.day)
    longest = max(window for _, window in profile.stretches())
    near = (tiles.day < days.asked_day) & (tiles.day >= days.asked_day - longest)
    same = [days[key] == tiles[key] for key in profile.keys]
    found = days.inner_join(tiles, [*same, near], rname="tile_{name}")
    merged = {
        f"{part.name}__{window}d": part.merged(
            found[part.name], None if window == longest else found.day >= found.asked_day - window
        )
        for part, window in profile.stretches()
    }
    return found.group_by("past_place").aggregate(**merged)


def _marked(asked: Asked, questions: Expression) -> Expression:
    return questions.select(
        "place",
        *asked.keys,
        asked_at=questions.known_at,
        asked_day=questions.day,
        asked_owner=questions.owner,
    )


def _merged(
    profile: Profile, so_far: Expression, merged_days: Expression, found: Expression | None
) -> Expression:
    joined = so_far.left_join(merged_days, so_far.day_place == merged_days.past_place)
    if found is not None:
        loose = profile.loose(found, ["place"]).rename(loose_place="place")
        joined = joined.left_join(loose, joined.place == loose.loose_place, rname="loose_{name}")

    def merged(part: Component, window: int) -> Expression:
        name = f"{part.name}__{window}d"
        settled = part.joined(joined[name], joined[f"{part.name}__0d"])
        return settled if found is None else part.joined(settled, joined[f"loose_{name}"])

    return joined.select("place", **profile.results(merged, joined.known_at))


def _so_far(profile: Profile, questions: Expression, facts: Expression) -> Expression:
    """Aggregate the facts of the day of asking, strictly before the instant, for every question.

    Questions and facts are joined before they are aggregated, so that each question is answered as
    it is read, and nothing is put by to be joined later.
    """
    instants = questions.select(
        *profile.keys, "place", "day_place", "day", asked_at=questions.known_at
    )
    same = [instants[key] == facts[key] for key in (*profile.keys, "day")]
    earlier = (facts.known_at < instants.asked_at) & facts.until.isnull()
    found = instants.left_join(facts, [*same, earlier], rname="fact_{name}")
    is_fact = found.known_at.notnull()
    parts = {
        f"{part.name}__0d": part.of(found, is_fact if part.counts_rows else None).cast(part.type)
        for part in profile.components
    }
    asked = {"day_place": found.day_place.max(), "known_at": found.asked_at.max()}
    return found.group_by("place").aggregate(**asked, **parts)
