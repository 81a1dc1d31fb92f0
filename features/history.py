"""What the profiles say of records over history, as expressions for whichever engine runs them.

All of an entity's history is swept once, in order of time. Its moments are the instants of its
facts and those asked about; windows over its moments of a day, and over its days, give at every
moment what a look-up among tiles would (:mod:`features.asking`, for the few records of the live
store), at a cost that does not grow with the length of the windows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import ibis

from features.catalog import FeatureSet
from features.components import Component
from features.facts import Subject
from features.profiles import Merged, Profile
from features.seen import asked_by, marks, seen

__all__ = ["Entity", "Progress", "answers", "entities", "moments", "strays"]

Expression = Any  # ibis publishes no types
Entity = tuple[Profile, ...]
Progress = Callable[[float], None]


def entities(features: FeatureSet) -> tuple[Entity, ...]:
    """Give a set's profiles, those of one entity together."""
    together: dict[tuple[str, ...], Entity] = {}
    for profile in features.profiles:
        one = (profile.entity, *profile.keys, *profile.asked_by)
        together[one] = (*together.get(one, ()), profile)
    return tuple(together.values())


def moments(
    entity: Entity,
    facts: Mapping[str, Expression],
    asked: Expression,
    among: str,
    strays: Expression | None = None,
) -> Expression:
    """Lay the instants of an entity's facts and those asked about side by side.

    Parameters
    ----------
    facts : relations of facts by name.
    asked : rows with what names the entity, ``day`` and ``known_at``.
    among : name of the facts that rows asked about are themselves, so that the instants of these
        are asked about already.
    strays : the rows asked about that are no such fact, or none that stays; without it there are
        none, and history is asked about as a whole.

    Returns
    -------
    relation
        Keys, ``day``, ``known_at``, ``is_asked`` and ``<facts>__<component>``, missing where it is
        another profile's. Of an instant at most one moment is asked about.
    """
    keys, named = entity[0].keys, _named(entity, asked)
    is_own = among in {p.facts for p in entity} and keys == entity[0].asked_by
    instants = {}
    for profile in entity:
        own = facts[profile.facts]
        near = own if is_own and strays is None else own.semi_join(named, keys)
        instants[profile.facts] = profile.instants(near)
    relations = [
        _laid(
            entity,
            instants[profile.facts],
            profile,
            is_asked=is_own and profile.facts == among,
        )
        for profile in entity
    ]
    by = [*keys, "day", "known_at"]
    if not is_own:
        marks = named.select(*by).distinct()
        relations.append(_laid(entity, marks, None, is_asked=True))
    elif strays is not None:
        marks = _named(entity, strays).select(*by).distinct().anti_join(instants[among], by)
        relations.append(_laid(entity, marks, None, is_asked=True))
    return reduce(ibis.union, relations)


def _named(entity: Entity, asked: Expression) -> Expression:
    return asked_by(asked, entity[0].keys, entity[0].asked_by)


def _laid(
    entity: Entity, relation: Expression, own: Profile | None, *, is_asked: bool
) -> Expression:
    """Give a relation the columns of moments."""
    columns = {
        name: relation[part.name] if profile is own else ibis.null(part.type)
        for name, profile, part in _parts(entity)
    }
    return relation.select(
        *entity[0].keys, "day", "known_at", is_asked=ibis.literal(is_asked), **columns
    )


def _parts(entity: Entity) -> list[tuple[str, Profile, Component]]:
    return [
        (f"{profile.facts}__{part.name}", profile, part)
        for profile in entity
        for part in profile.components
    ]


def answers(  # noqa: PLR0913, PLR0917 - an entity, and the relations that answer for it
    entity: Entity,
    laid: Expression,
    asked: Expression,
    identity: Sequence[str],
    loose: Mapping[str, Expression],
    subject: str,
) -> Expression:
    """Give the features of every row asked about that names the entity.

    Parameters
    ----------
    laid : the entity's moments.
    asked : rows of a subject with ``identity``, what names the entity, ``day``, ``known_at`` and
        ``owner``.
    loose : facts that do not stay, by name, where there are any.

    Returns
    -------
    relation
        ``identity`` and the features of the entity's profiles.
    """
    keys, named = entity[0].keys, _named(entity, asked)
    names = [name for profile in entity for name in profile.columns]
    merged = _so_far(entity, laid).inner_join(_whole(entity, laid), [*keys, "day"])
    if not any(profile.facts in loose for profile in entity):
        settled = merged.select(*keys, "known_at", **_features(entity, merged))
        return named.inner_join(settled, [*keys, "known_at"]).select(*identity, *names)
    # Two records of an instant may see different loose facts, as neither sees its own.
    rows = named.select(*dict.fromkeys([*identity, *keys, "known_at", "owner"]))
    joined = rows.inner_join(merged, [*keys, "known_at"])
    for profile in entity:
        if profile.facts in loose:
            by = [*keys, "known_at", "owner"]
            found = _loose(profile, loose[profile.facts], named, profile.relation.own(subject))
            joined = joined.left_join(found, by, rname=profile.facts + "_{name}")
    return joined.select(*identity, **_features(entity, joined))


def _features(entity: Entity, joined: Expression) -> dict[str, Expression]:
    """Merge whole days, the day so far and loose facts, and give the features."""
    columns: dict[str, Expression] = {}
    for profile in entity:
        columns |= profile.results(_merged(profile, joined), joined.known_at)
    return columns


def _loose(profile: Profile, facts: Expression, named: Expression, own: str | None) -> Expression:
    """Merge the loose facts that each row sees, by keys, instant and whose it is."""
    found = seen(marks(named, profile.keys), facts, profile.keys, own)
    merged = profile.loose(found, (*profile.keys, "asked_at", "asked_owner"))
    names = [f"{part.name}__{window}d" for part, window in profile.stretches()]
    return merged.rename(
        {"known_at": "asked_at", "owner": "asked_owner"}
        | {f"{profile.facts}__{name}_loose": name for name in names}
    )


def _merged(profile: Profile, joined: Expression) -> Merged:
    """Say how whole days, the day so far and loose facts merge."""

    def merged(part: Component, window: int) -> Expression:
        name = f"{profile.facts}__{part.name}"
        settled = part.joined(joined[f"{name}__{window}d"], joined[f"{name}__0d"])
        loose = f"{name}__{window}d_loose"
        return part.joined(settled, joined[loose]) if loose in joined.columns else settled

    return merged


def _so_far(entity: Entity, laid: Expression) -> Expression:
    """Merge, at every moment asked about, what was known earlier on its day."""
    # A moment asked about comes first of its instant, so that no row before it is of that instant.
    earlier = ibis.rows_window(
        preceding=(None, 1),
        group_by=[laid[key] for key in (*entity[0].keys, "day")],
        order_by=[laid.known_at, laid.is_asked.desc()],
    )
    merged = {
        f"{name}__0d": part.merged(laid[name]).over(earlier) for name, _, part in _parts(entity)
    }
    running = laid.mutate(**merged)
    return running.filter(running.is_asked).select(*entity[0].keys, "day", "known_at", *merged)


def _whole(entity: Entity, laid: Expression) -> Expression:
    """Merge, for every day with a moment, the whole days before it, window by window."""
    keys = entity[0].keys
    days = laid.group_by(*keys, "day").aggregate(
        **{name: part.merged(laid[name]).cast(part.type) for name, _, part in _parts(entity)}
    )
    merged = {}
    for profile in entity:
        for part, window in profile.stretches():
            before = ibis.range_window(
                preceding=(window, 1), group_by=[days[key] for key in keys], order_by=days.day
            )
            name = f"{profile.facts}__{part.name}"
            merged[f"{name}__{window}d"] = part.merged(days[name]).over(before)
    return days.select(*keys, "day", **merged)


def strays(asked: Expression, facts: Expression, subject: Subject) -> Expression:
    """Give the rows asked about that are none of the facts that stay."""
    facts = facts.filter(facts.until.isnull())
    keys = [name for name, kind in subject.facts.columns.items() if kind == "string"]
    same = [
        asked[name].identical_to(facts[name])
        for name in dict.fromkeys((*subject.identity, "known_at", *keys))
        if name in asked.columns and name in facts.columns
    ]
    return asked.anti_join(facts, same)
