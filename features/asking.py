"""What a profile says of a few keys and instants now, from tiles and facts found by an index.

History is asked about all at once, so there a profile runs through everything it remembers. Here
each question has a number, its place, and what is found for it is merged by that number alone. The
components, their merges and their results are the profile's own, so both give the same features.

The relation of questions has these columns: ``place``; ``day_place``, the place whose whole earlier
days serve this one too, as it has the same keys and day; the profile's keys; ``day``; ``known_at``.
"""

from __future__ import annotations

from typing import Any

from features.profiles import Profile

__all__ = ["answers", "question_schema"]

Expression = Any  # ibis publishes no types


def question_schema(profile: Profile) -> dict[str, str]:
    """Columns of the questions put to a profile, with their types."""
    keys = {key: profile.relation.columns[key] for key in profile.keys}
    return {"place": "int64", "day_place": "int64", **keys, "day": "int64", "known_at": "int64"}


def answers(
    profile: Profile, questions: Expression, tiles: Expression, facts: Expression
) -> Expression:
    """Give each place's features, with its number."""
    whole, so_far = _whole(profile, questions, tiles), _so_far(profile, questions, facts)
    joined = questions.left_join(whole, questions.day_place == whole.whole_place)
    joined = joined.left_join(so_far, joined.place == so_far.so_far_place)
    merged = {
        f"{part.name}__{window}d": part.joined(
            joined[f"{part.name}__{window}d"], joined[f"{part.name}__0d"]
        )
        for part, window in profile.stretches()
    }
    columns = {
        profile.feature(measure, window): measure.result(
            {part.name: merged[f"{part.name}__{window}d"] for part in measure.components()},
            joined.known_at,
        )
        for measure in profile.measures
        for window in measure.windows
    }
    return joined.select("place", **columns)


def _whole(profile: Profile, questions: Expression, tiles: Expression) -> Expression:
    """Merge the whole days before each day of asking, window by window."""
    days = questions.filter(questions.place == questions.day_place)
    days = days.select(*profile.keys, whole_place=days.place, asked_day=days.day)
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
    return found.group_by("whole_place").aggregate(**merged)


def _so_far(profile: Profile, questions: Expression, facts: Expression) -> Expression:
    """Aggregate the facts of the day of asking, strictly before the instant."""
    instants = questions.select(
        *profile.keys, "day", so_far_place=questions.place, asked_at=questions.known_at
    )
    same = [instants[key] == facts[key] for key in (*profile.keys, "day")]
    earlier = facts.known_at < instants.asked_at
    found = instants.inner_join(facts, [*same, earlier], rname="fact_{name}")
    return found.group_by("so_far_place").aggregate(
        **{f"{part.name}__0d": part.of(found).cast(part.type) for part in profile.components}
    )
