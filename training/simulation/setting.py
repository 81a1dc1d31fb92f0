"""Everything that stands before the first day: markets, people, organisations, habits.

Invariant: nothing here changes while the world runs.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from training.simulation.columns import Ints
from training.simulation.goods.goods import draw_goods
from training.simulation.goods.groups import origin_weights
from training.simulation.money.everyday import Relations, draw_relations
from training.simulation.money.settlements import draw_payers
from training.simulation.population.naming import Naming
from training.simulation.population.organisations import Organisations, draw_organisations
from training.simulation.population.partners import (
    carrier_places,
    draw_partners,
    exporter_places,
)
from training.simulation.population.register import Commerce
from training.simulation.population.registrations import Registrations, draw_registrations
from training.simulation.population.society import Society, draw_society
from training.simulation.population.traders import draw_traders, with_brokers
from training.simulation.rhythm import Rhythm
from training.simulation.trade.lanes import Market
from training.simulation.transit.corridors import Corridors, draw_corridors

TRADERS: Final = 2200  # at scale 1
EXPORTERS: Final = 3500
CARRIERS: Final = 160
DECLARANTS: Final = 130


@dataclass(frozen=True)
class World:
    """Everything that is drawn once, before the first day."""

    seed: int
    scale: float
    rhythm: Rhythm
    market: Market
    organisations: Organisations
    society: Society
    corridors: Corridors
    payers: tuple[Ints, Ints]
    relations: Relations
    registrations: Registrations
    naming: Naming

    def generator(self, purpose: int, week: int = 0) -> np.random.Generator:
        """Return the random generator of a purpose and week, weeks counting from the warm-up's."""
        return np.random.default_rng([self.seed, purpose, week])


def create(rhythm: Rhythm, seed: int, scale: float) -> World:
    """Draw the world that stands before the first day."""
    rng = np.random.default_rng([seed, 0])
    organisations = draw_organisations(rng, scale)
    market = _market(rng, organisations, rhythm.days, scale)
    commerce = Commerce(market.traders, market.exporters, market.carriers, market.declarants)
    society = draw_society(rng, organisations, commerce, scale, rhythm.days)
    registrations = draw_registrations(rng, society, rhythm.days)
    return World(
        seed=seed,
        scale=scale,
        rhythm=rhythm,
        market=market,
        organisations=organisations,
        society=society,
        corridors=draw_corridors(rng),
        payers=draw_payers(rng, society),
        relations=draw_relations(rng, society, scale),
        registrations=registrations,
        naming=Naming.of(society.register, registrations),
    )


def _market(
    rng: np.random.Generator, organisations: Organisations, days: int, scale: float
) -> Market:
    goods = draw_goods(rng)
    traders = draw_traders(
        rng, goods, organisations, size=max(80, round(TRADERS * scale)), days=days
    )
    suppliers = exporter_places(rng, origin_weights(), round(EXPORTERS * scale))
    carriers = draw_partners(rng, carrier_places(rng, round(CARRIERS * scale**0.5)))
    brokers = np.zeros(max(20, round(DECLARANTS * scale**0.5)), dtype=np.int64)
    declarants = draw_partners(rng, brokers)
    return Market(
        goods=goods,
        traders=with_brokers(rng, traders, declarants),
        exporters=draw_partners(rng, suppliers),
        carriers=carriers,
        declarants=declarants,
    )
