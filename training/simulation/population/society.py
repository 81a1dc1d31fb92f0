"""People, vehicles, accounts and groups, and the register that numbers all parties.

Invariant: whoever a record refers to is in here once.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from training.simulation.columns import Ints
from training.simulation.draw import Pool, by_row, some, weighted
from training.simulation.places import post_weights
from training.simulation.population.accounts import (
    AGENCY,
    COLLECTOR,
    FIRM,
    MULE,
    RENTAL,
    SHELL,
    Accounts,
    draw_accounts,
)
from training.simulation.population.groups import LEADERS, TRAVELLERS, Groups, draw_groups
from training.simulation.population.habits import of_habit
from training.simulation.population.organisations import Organisations
from training.simulation.population.people import People, draw_people
from training.simulation.population.register import Cast, Commerce, Offsets, Register, draw_register
from training.simulation.population.vehicles import (
    BUS,
    CAR,
    FLEET,
    MINIBUS,
    ON_FOOT,
    VAN,
    Keeping,
    Vehicles,
    draw_fleets,
    draw_vehicles,
    lately,
)
from training.simulation.typologies import HONEST

# Honest vehicles of each class at scale 1, beside those of carriers, rental firms and groups.
PRIVATE: Final = {CAR: 7000, VAN: 1500, MINIBUS: 420, BUS: 130, ON_FOOT: 1750}
HIRED: Final = 4  # vehicles of a rental firm
CREW: Final = 10  # drivers, each with a vehicle, of an organisation that smuggles persons
# Shares of cars, vans and minibuses, the first classes.
CREW_CLASSES: Final = np.array([0.3, 0.5, 0.2])
LEADER_CLASSES: Final = np.array([0.4, 0.0, 0.6])
KEPT_BY_FIRMS: Final = np.array([0.1, 0.6, 0.8, 1.0, 1.0, 0.0])  # by class


@dataclass(frozen=True)
class Society:
    """Everyone but the goods; positions are into these tables."""

    people: People
    vehicles: Vehicles
    accounts: Accounts
    groups: Groups
    register: Register
    offsets: Offsets
    fronts: Pool  # traders, by organisation
    collectors: Pool  # accounts, by organisation; so are the next two
    shells: Pool
    mules: Pool
    private: Ints  # vehicles of persons and small firms
    hired: Ints  # vehicles for hire, a firm's one after another
    first_crew: int  # vehicle of the first crew; then by organisation, in order


@dataclass(frozen=True)
class Blocks:
    """The people in blocks one after another, each of these lengths."""

    fleet: int
    private: int
    leaders: int
    travellers: int
    crew: int

    def first(self, name: str) -> int:
        """Return where a block begins among the people."""
        names = list(self.__dataclass_fields__)
        return sum(getattr(self, each) for each in names[: names.index(name)])

    def rows(self, name: str) -> Ints:
        """Return the positions of a block's people."""
        return self.first(name) + np.arange(getattr(self, name))


def smugglers(organisations: Organisations) -> Ints:
    """Return the organisations that smuggle persons, in order."""
    return np.flatnonzero(organisations.rate("border", "runs") > 0)


def draw_society(
    rng: np.random.Generator,
    organisations: Organisations,
    commerce: Commerce,
    scale: float,
    days: int,
) -> Society:
    """Draw everyone who is not a trader or a trader's partner, and register all."""
    accounts = draw_accounts(rng, organisations, scale, days)
    agencies = np.flatnonzero(accounts.role == AGENCY)
    owner = accounts.organisation[agencies]
    blocks = _blocks(organisations, commerce, len(agencies), scale)
    people = _people(rng, organisations, owner, blocks)
    cast = Cast(commerce, accounts, people)
    parts = _vehicles(rng, cast, blocks, scale, days)
    private, hired, led, crew = (int(n) for n in np.cumsum([len(part) for part in parts])[:4])
    firsts = (blocks.first("leaders"), blocks.first("travellers"), led)
    return Society(
        people=people,
        vehicles=_stationed(rng, Vehicles.stack(parts), people),
        accounts=accounts,
        groups=draw_groups(rng, cast.offsets.accounts + agencies, owner, firsts),
        register=draw_register(rng, cast),
        offsets=cast.offsets,
        fronts=commerce.traders.fronts(),
        collectors=accounts.owned(COLLECTOR),
        shells=accounts.owned(SHELL),
        mules=accounts.owned(MULE),
        private=np.arange(private, hired),
        hired=np.arange(hired, led),
        first_crew=crew,
    )


def _blocks(organisations: Organisations, commerce: Commerce, groups: int, scale: float) -> Blocks:
    return Blocks(
        fleet=len(commerce.carriers) * FLEET,
        private=sum(_private_counts(scale)),
        leaders=groups * LEADERS,
        travellers=groups * TRAVELLERS,
        crew=len(smugglers(organisations)) * CREW,
    )


def _vehicles(
    rng: np.random.Generator, cast: Cast, blocks: Blocks, scale: float, days: int
) -> list[Vehicles]:
    """Draw the vehicles of carriers, of everyone, for hire, of leaders, of crews."""
    private = np.repeat(list(PRIVATE), _private_counts(scale))
    led = weighted(rng, LEADER_CLASSES, blocks.leaders)
    crew = weighted(rng, CREW_CLASSES, blocks.crew)
    return [
        _fleets(rng, cast, blocks),
        _own(rng, cast, private, blocks.rows("private"), days),
        _hired(rng, cast, blocks),
        _own(rng, cast, led, blocks.rows("leaders"), days),
        _own(rng, cast, crew, blocks.rows("crew"), days),
    ]


def _private_counts(scale: float) -> list[int]:
    return [max(3, round(count * scale)) for count in PRIVATE.values()]


def _people(
    rng: np.random.Generator, organisations: Organisations, of_agency: Ints, blocks: Blocks
) -> People:
    """Draw the people of all blocks; whoever does not only drive for a carrier is registered."""
    owners = [
        np.full(blocks.fleet + blocks.private, HONEST),
        np.repeat(of_agency, LEADERS),
        np.repeat(of_agency, TRAVELLERS),
        np.repeat(smugglers(organisations), CREW),
    ]
    owner = np.concatenate(owners)
    return draw_people(rng, owner, np.arange(len(owner)) >= blocks.fleet)


def _fleets(rng: np.random.Generator, cast: Cast, blocks: Blocks) -> Vehicles:
    carriers = cast.commerce.carriers
    carrier, driver = np.repeat(np.arange(len(carriers)), FLEET), blocks.rows("fleet")
    honest = np.full(len(carrier), HONEST)
    kept = Keeping(cast.offsets.carriers + carrier, driver, cast.people.home[driver], honest)
    return draw_fleets(rng, carriers.place[carrier], kept)


def _kept(rng: np.random.Generator, cast: Cast, classes: Ints, driver: Ints) -> Keeping:
    """Let each driver keep the vehicle, or a firm, as is usual of the class."""
    firms = rng.choice(cast.accounts.of(FIRM), len(classes))
    by_firm = some(rng, KEPT_BY_FIRMS[classes], len(classes))
    keeper = np.where(by_firm, cast.offsets.accounts + firms, cast.offsets.people + driver)
    people = cast.people
    return Keeping(keeper, driver, people.home[driver], people.organisation[driver])


def _own(rng: np.random.Generator, cast: Cast, classes: Ints, drivers: Ints, days: int) -> Vehicles:
    """Draw a vehicle for each driver, with honest trips of its own."""
    drawn = draw_vehicles(rng, classes, _kept(rng, cast, classes, drivers))
    return replace(
        drawn,
        weight=rng.lognormal(0, 0.9, len(drivers)) * of_habit("often")[drawn.habit],
        entry_day=lately(rng, len(drivers), days),
    )


def _hired(rng: np.random.Generator, cast: Cast, blocks: Blocks) -> Vehicles:
    """Draw the vehicles of rental firms; who drives them is drawn at each trip."""
    keeper = np.repeat(cast.accounts.of(RENTAL), HIRED)
    classes = weighted(rng, np.array([0.5, 0.4, 0.1]), len(keeper))
    driver = rng.choice(blocks.rows("private"), len(keeper))
    honest = np.full(len(keeper), HONEST)
    kept = Keeping(cast.offsets.accounts + keeper, driver, cast.people.home[driver], honest)
    drawn = draw_vehicles(rng, classes, kept)
    return replace(drawn, weight=rng.lognormal(0.9, 0.4, len(keeper)))


def _stationed(rng: np.random.Generator, vehicles: Vehicles, people: People) -> Vehicles:
    """Give each vehicle the post it uses most, by where its driver lives."""
    return replace(vehicles, post=by_row(rng, post_weights(), people.home[vehicles.driver]))
