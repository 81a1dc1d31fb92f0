"""What a way to offend bends: the cover trade, the journey, the border, the money.

Invariant: every number is a chance or the mean of something noisy, so that no single feature
settles a case; the defaults of every trait bend nothing.
"""

from dataclasses import dataclass, field
from typing import Final

OFFENCES: Final = ("weapons", "drugs", "people", "contraband", "fraud", "critical")
HONEST: Final = -1


@dataclass(frozen=True)
class Cover:
    """The declared trade it hides in.

    Parameters
    ----------
    share
        Of all declarations, the share that is filed for it.
    groups
        Names of the groups of goods it hides among.
    origins, departures
        Country weights as text; no departures means the origin, mostly.
    price_shift, mass_shift, tare_shift
        Added to the log of value a kg, of net mass, and of the gross-to-net surplus.
    noise
        Standard deviation of each of these shifts.
    misdeclared
        The goods are declared as a low-duty neighbour of what they are.
    every_item
        Chance that each further item of the declaration is part of it too.
    split
        The organisation's fronts import side by side, not one after another.
    """

    share: float = 0.0
    groups: tuple[str, ...] = ()
    origins: str = ""
    departures: str = ""
    price_shift: float = 0.0
    mass_shift: float = 0.0
    tare_shift: float = 0.0
    noise: float = 0.35
    misdeclared: bool = False
    every_item: float = 0.0
    split: bool = False


@dataclass(frozen=True)
class Journey:
    """What happens to the load between its departure and its arrival.

    Parameters
    ----------
    seal_changed, late, lost
        Chances that the seal is opened on the way, that the journey takes far longer than its
        corridor's, and that it never arrives.
    unloaded
        Mean of the log of the mass that left over the mass that arrives, where the load arrives.
    hidden_kg
        Median mass on board that nobody declared.
    missing
        Mean of the log of the declared mass over the mass that ever was on board.
    """

    seal_changed: float = 0.0
    late: float = 0.0
    lost: float = 0.0
    unloaded: float = 0.0
    hidden_kg: float = 0.0
    missing: float = 0.0


@dataclass(frozen=True)
class Border:
    """Persons taken over the border, as a share of all crossings.

    Parameters
    ----------
    runs, escorts
        Loads of hidden persons, and travellers brought by an escort, as shares of the world's
        crossings; an organisation does one or the other.
    night, forerunner, rented, by_lorry, turns_round
        Chances that a run is at night, led by a car minutes ahead, in a rented vehicle, in a
        carrier's lorry, and that its driver goes back within hours.
    visible
        Chance that the persons on board are counted.
    """

    runs: float = 0.0
    escorts: float = 0.0
    night: float = 0.0
    forerunner: float = 0.0
    rented: float = 0.0
    by_lorry: float = 0.0
    turns_round: float = 0.0
    visible: float = 1.0


@dataclass(frozen=True)
class Money:
    """How the goods and the proceeds are paid.

    Parameters
    ----------
    third_party
        Chance that a payment for goods comes from an account unrelated to the importer.
    paid_shift
        Mean of the log of what is paid over what is declared.
    cycles
        Times an organisation gathers and moves money, a week.
    structured
        Chance that a deposit lies just below the reporting threshold.
    circular
        Chance that what was gathered comes back through other accounts.
    """

    third_party: float = 0.0
    paid_shift: float = 0.0
    cycles: float = 0.0
    structured: float = 0.0
    circular: float = 0.0


@dataclass(frozen=True)
class Typology:
    """A way to offend: where it hides and what it bends.

    Parameters
    ----------
    organisations
        Hidden organisations that offend so, at scale 1.
    fronts
        The fewest and the most importers each of them runs.
    """

    name: str
    offence: str
    organisations: int
    fronts: tuple[int, int] = (1, 4)
    cover: Cover = field(default_factory=Cover)
    journey: Journey = field(default_factory=Journey)
    border: Border = field(default_factory=Border)
    money: Money = field(default_factory=Money)

    @property
    def offence_code(self) -> int:
        """The position of the offence in `OFFENCES`."""
        return OFFENCES.index(self.offence)
