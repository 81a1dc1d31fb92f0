"""Payments as an agency is told of them: a row a transfer."""

from typing import Any, Final

import numpy as np

from training.simulation.columns import Bools, Ints
from training.simulation.draw import some
from training.simulation.money.payments import METHODS
from training.simulation.places import COUNTRIES, CURRENCIES
from training.simulation.setting import World
from training.simulation.tables.cells import holes, identifiers, instants, words
from training.simulation.world import Week

MISSING: Final = {"debtor_country": 0.04, "creditor_country": 0.04, "method": 0.05}
OTHER_BANK: Final = 0.04  # of accounts that are held in another country than their holder's


def payment_rows(rng: np.random.Generator, world: World, week: Week) -> dict[str, Any]:
    """Return the columns of a week's payments."""
    paid, day = week.payments, week.index * 7
    empty = holes(rng, MISSING, len(paid))
    return {
        "payment_id": week.payment_ids,
        "occurred_at": instants(paid.occurred_us),
        "known_at": instants(paid.known_us),
        "debtor_id": world.naming.ids(rng, paid.debtor, day),
        "creditor_id": world.naming.ids(rng, paid.creditor, day),
        "amount": paid.amount,
        "currency": words(CURRENCIES, paid.currency),
        "debtor_country": _country(rng, world, paid.debtor, empty["debtor_country"]),
        "creditor_country": _country(rng, world, paid.creditor, empty["creditor_country"]),
        "method": words(METHODS, paid.method, empty["method"]),
        "declaration_id": identifiers(paid.declaration_id),
    }


def _country(rng: np.random.Generator, world: World, parties: Ints, missing: Bools) -> Any:
    home, size = world.society.register.country[parties], len(parties)
    other = rng.integers(0, len(COUNTRIES), size)
    return words(COUNTRIES, np.where(some(rng, OTHER_BANK, size), other, home), missing)
