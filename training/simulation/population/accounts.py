"""Account holders beside the traders: firms, persons, factors, rental firms, agencies, mules.

Invariant: an account of an organisation is drawn as an honest one is; only its owner differs.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from training.simulation.columns import Columns, Floats, Ints
from training.simulation.draw import Pool, some, weighted
from training.simulation.places import COUNTRIES, MEMBER_WEIGHTS, MEMBERS, country_weights
from training.simulation.population.organisations import Organisations
from training.simulation.typologies import HONEST

FIRM, PERSON, RENTAL, FACTOR, AGENCY, AFFILIATE, COLLECTOR, SHELL, MULE = range(9)
# Honest accounts of each role at scale 1, and how many an organisation holds.
HONEST_COUNTS: Final = (1300, 2600, 120, 24, 40, 170, 0, 0, 0)
FEWEST, MOST = (0, 0, 0, 0, 0, 0, 1, 2, 6), (0, 0, 0, 0, 0, 0, 1, 4, 14)
ABROAD: Final = country_weights("AE 14 HK 14 CH 10 TR 10 SG 6 GB 10 US 8 PA 4 CN 12 UA 6 RS 4 MA 2")
# Chance that an account of each role is held abroad.
ABROAD_SHARES: Final = np.array([0.15, 0.05, 0.0, 0.3, 0.3, 0.6, 0.1, 0.75, 0.1])


@dataclass(frozen=True)
class Accounts(Columns):
    """Account holders by position; days count from the first simulated one."""

    role: Ints
    country: Ints
    entry_day: Floats
    organisation: Ints  # -1: none

    def of(self, role: int) -> Ints:
        """Return the positions of the honest accounts of a role."""
        return np.flatnonzero((self.role == role) & (self.organisation == HONEST))

    def owned(self, role: int) -> Pool:
        """Return the accounts of a role to draw from by organisation."""
        return Pool.owned(self.organisation, self.role == role)


def draw_accounts(
    rng: np.random.Generator, organisations: Organisations, scale: float, days: int
) -> Accounts:
    """Draw everyone's accounts, shuffled together."""
    honest = [max(2, round(count * scale)) if count else 0 for count in HONEST_COUNTS]
    roles, owners = [np.repeat(np.arange(9), honest)], [np.full(sum(honest), HONEST)]
    for number in range(9):
        counts = rng.integers(FEWEST[number], MOST[number] + 1, len(organisations))
        counts += (number == AGENCY) & (organisations.rate("border", "escorts") > 0)
        owners.append(organisations.owners(counts))
        roles.append(np.full(counts.sum(), number))
    role, owner = np.concatenate(roles), np.concatenate(owners)
    order = rng.permutation(len(role))
    return _draw(rng, role[order], owner[order], days)


def _draw(rng: np.random.Generator, role: Ints, owner: Ints, days: int) -> Accounts:
    size = len(role)
    home = len(COUNTRIES) - len(MEMBERS) + weighted(rng, MEMBER_WEIGHTS, size)
    abroad = some(rng, ABROAD_SHARES[role], size)
    lately = some(rng, 0.3, size) & (role <= PERSON)
    entry = np.where(lately, rng.uniform(-200, days, size), rng.uniform(-2500, -150, size))
    return Accounts(
        role=role,
        country=np.where(abroad, weighted(rng, ABROAD, size), home),
        entry_day=entry,
        organisation=owner,
    )
