"""Crossings: one row a vehicle, vessel or person at a border post."""

from __future__ import annotations

from typing import Literal

from features.records.fields import (
    Country,
    Identifier,
    Kilograms,
    Occupants,
    PersonIdentifier,
    Record,
    Text,
    Timestamp,
    element,
    when_known,
    withdrawal,
)

__all__ = ["Crossing"]


class Crossing(Record):
    """A vehicle, vessel or person that crosses a border post."""

    crossing_id: Identifier = element(
        "Number of the crossing.", paxlst="RFF C506.1154, 1153 = TN", examples=["X-2026-0004711"]
    )
    post_id: Identifier = element(
        "Border post.", paxlst="LOC C517.3225, 3227 = 22", examples=["NLRTM"]
    )
    occurred_at: Timestamp = element(
        "When it crossed, UTC.",
        paxlst="DTM C507.2380, 2005 = 232 in, 189 out",
        examples=["2026-03-02T04:40:00Z"],
    )
    direction: Literal["in", "out"] = element(
        "Into the country or out of it.", paxlst="DTM C507.2005, 232 in, 189 out", examples=["in"]
    )
    known_at: Timestamp | None = when_known()
    vehicle_id: PersonIdentifier | None = element(
        "Registration of the vehicle or vessel; absent where no plate was read.",
        wco="BorderTransportMeans/ID",
        paxlst="TDT C222.8213",
        default=None,
    )
    vehicle_class: Text | None = element(
        "Class of vehicle: car, van, bus, lorry, vessel, or as the agency names it.",
        wco="BorderTransportMeans/TypeCode",
        paxlst="TDT C228.8179",
        default=None,
    )
    driver_id: PersonIdentifier | None = element(
        "Travel document of the driver, the master, or the person on foot.",
        paxlst="DOC C503.1004 of NAD 3035 = FM",
        default=None,
    )
    driver_nationality: Country | None = element(
        "Nationality of the driver, ISO 3166-1 alpha-2. Recorded for audit and error rates only:"
        " no feature is made from it.",
        paxlst="NAT C042.3293, 3493 = 2",
        default=None,
    )
    occupants: Occupants | None = element(
        "Persons on board, the driver among them.",
        unit="persons",
        paxlst="CNT C270.6066, 6069 = 41 and 42",
        default=None,
    )
    gross_mass_kg: Kilograms | None = element(
        "Gross mass as declared or weighed.",
        unit="kg",
        wco="Consignment/TotalGrossMassMeasure",
        default=None,
    )
    carrier_id: PersonIdentifier | None = element(
        "Identifier of the carrier.",
        wco="BorderTransportMeans/Carrier/ID",
        paxlst="TDT C040.3127",
        default=None,
    )
    declaration_id: Identifier | None = element(
        "Customs declaration of the goods on board.", wco="Declaration/ID", default=None
    )
    cancelled: bool = withdrawal()
