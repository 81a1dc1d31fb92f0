"""Reading tiles, pairs and facts of stores, to compare them."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import select

from features.measures import Mean, Spread
from features.profiles import Profile
from features.store import Store
from features.store.schema import metadata, pairs, profiles


def tiles(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Read every tile and pair, rounded past the order in which floats were added."""
    names = {profile.name: f"tiles_{profile.name}" for profile in profiles()}
    names |= {f"pairs_{kept.name}": f"pairs_{kept.name}" for kept in pairs()}
    with store.engine.connect() as connection:
        return {
            name: sorted(
                tuple(round(cell, 9) if isinstance(cell, float) else cell for cell in row)
                for row in connection.execute(select(metadata.tables[table]))
            )
            for name, table in names.items()
        }


def rows(store: Store, table: str) -> pd.DataFrame:
    """Read a table in the order of its values, without what arrival gives it."""
    columns = [c for c in metadata.tables[table].columns if c.name not in {"seq", "batch"}]
    with store.engine.connect() as connection:
        found = connection.execute(select(*columns)).all()
    frame = pd.DataFrame(found, columns=[c.name for c in columns], dtype=object)
    return frame.sort_values(list(frame.columns), key=_sortable, ignore_index=True)


def _sortable(column: pd.Series) -> pd.Series:
    return column.map(lambda cell: (cell is None, "" if cell is None else str(cell)))


def assert_same_tiles(left: Store, right: Store) -> None:
    """Counts and extremes equal, pairs too; sums within 1e-12 of the sum of absolute values."""
    for kept in pairs():
        pd.testing.assert_frame_equal(
            *(rows(store, f"pairs_{kept.name}") for store in (left, right))
        )
    for profile in profiles():
        name, keys = f"tiles_{profile.name}", [*profile.keys, "day"]
        ours, theirs = (rows(store, name).set_index(keys).sort_index() for store in (left, right))
        assert ours.index.equals(theirs.index), name
        for part in profile.components:
            if part.type == "int64" or part.merge != "sum":
                assert ours[part.name].tolist() == theirs[part.name].tolist(), (name, part.name)
                continue
            allowed = _absolute_sums(left, profile, part.name).reindex(ours.index) * 1e-12
            apart = (ours[part.name].astype(float) - theirs[part.name].astype(float)).abs()
            missing = ours[part.name].isna()
            assert missing.equals(theirs[part.name].isna()), (name, part.name)
            assert (apart[~missing] <= allowed[~missing]).all(), (name, part.name)


def _absolute_sums(store: Store, profile: Profile, component: str) -> pd.Series:
    """Sum the absolute values of what a sum, or a moment about its centre, adds up."""
    value, _, moment = component.removesuffix("__sum").partition("__m")
    (centre,) = {
        m.centre for m in profile.measures if isinstance(m, Mean | Spread) and m.value == value
    } or {0.0}
    facts = rows(store, f"facts_{profile.facts}").dropna(subset=list(profile.keys))
    shifted = (facts[value].astype(float) - centre).abs() ** int(moment or 1)
    return shifted.groupby([facts[key] for key in (*profile.keys, "day")]).sum()
