"""One numbering of all parties: traders, exporters, carriers, declarants, accounts, persons.

Invariant: identifiers are drawn here, for all parties of a kind at once, without looking at who
offends.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from training.simulation.columns import Bools, Columns, Floats, Ints
from training.simulation.draw import weighted
from training.simulation.ids import party_ids
from training.simulation.places import COUNTRIES, MEMBER_WEIGHTS, MEMBERS
from training.simulation.population.accounts import MULE, PERSON, Accounts
from training.simulation.population.partners import Partners
from training.simulation.population.people import HOMES, People
from training.simulation.population.traders import Traders
from training.simulation.typologies import HONEST


@dataclass(frozen=True)
class Offsets:
    """Where each kind of party begins in the register; traders begin at 0."""

    exporters: int
    carriers: int
    declarants: int
    accounts: int
    people: int

    @classmethod
    def after(cls, sizes: list[int]) -> Self:
        """Lay kinds of these sizes one after another."""
        return cls(*(int(total) for total in np.cumsum(sizes)))


@dataclass(frozen=True)
class Register(Columns):
    """All parties by position; days count from the first simulated one."""

    ids: npt.NDArray[np.str_]
    country: Ints
    entry_day: Floats
    organisation: Ints  # -1: none
    is_person: Bools
    is_listed: Bools  # whether an agency has registered its name


@dataclass(frozen=True)
class Commerce:
    """Who trades and serves trade."""

    traders: Traders
    exporters: Partners
    carriers: Partners
    declarants: Partners


@dataclass(frozen=True)
class Cast:
    """Everyone who gets a place in the register, by kind."""

    commerce: Commerce
    accounts: Accounts
    people: People

    @property
    def offsets(self) -> Offsets:
        """Where each kind begins."""
        firms = self.commerce
        kinds = (firms.traders, firms.exporters, firms.carriers, firms.declarants, self.accounts)
        return Offsets.after([len(kind) for kind in kinds])


def draw_register(rng: np.random.Generator, cast: Cast) -> Register:
    """Register everyone.

    Carriers, account holders and persons have identifiers of one shape: the keeper of a vehicle
    may be any of them.
    """
    firms, traders = cast.commerce, cast.commerce.traders
    members = len(COUNTRIES) - len(MEMBERS) + weighted(rng, MEMBER_WEIGHTS, len(firms.declarants))
    parts = [
        _part(traders.country, traders.entry_day, traders.organisation),
        _firms(rng, firms.exporters.place),
        _firms(rng, weighted(rng, HOMES, len(firms.carriers))),
        _firms(rng, members),
        _accounts(cast.accounts),
        _people(rng, cast.people),
    ]
    carriers = len(firms.carriers)
    named = party_ids(rng, "PA", carriers + len(cast.accounts) + len(cast.people))
    ids = [
        party_ids(rng, "TR", len(traders)),
        party_ids(rng, "EX", len(firms.exporters)),
        named[:carriers],
        party_ids(rng, "DC", len(firms.declarants)),
        named[carriers:],
    ]
    return replace(Register.stack(parts), ids=np.concatenate(ids))


def _part(country: Ints, entry_day: Floats, organisation: Ints) -> Register:
    size = len(country)
    false, true = np.zeros(size, dtype=np.bool_), np.ones(size, dtype=np.bool_)
    return Register(np.full(size, ""), country, entry_day, organisation, false, true)


def _firms(rng: np.random.Generator, country: Ints) -> Register:
    size = len(country)
    return _part(country, rng.uniform(-2500, -150, size), np.full(size, HONEST))


def _accounts(accounts: Accounts) -> Register:
    part = _part(accounts.country, accounts.entry_day, accounts.organisation)
    return replace(part, is_person=(accounts.role == PERSON) | (accounts.role == MULE))


def _people(rng: np.random.Generator, people: People) -> Register:
    size = len(people)
    part = _part(people.home, rng.uniform(-2500, -150, size), people.organisation)
    return replace(part, is_person=np.ones(size, dtype=np.bool_), is_listed=people.is_listed)
