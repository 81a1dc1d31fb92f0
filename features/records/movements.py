"""Movements: one row an event of a transit movement, from its departure to its arrival."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from features.records.fields import (
    Identifier,
    Kilograms,
    PersonIdentifier,
    Record,
    Timestamp,
    element,
    when_known,
    withdrawal,
)
from features.records.rules import Rule

__all__ = ["MOVEMENT_RULES", "Movement"]


class Movement(Record):
    """An event of a transit movement.

    In NCTS: its release (IE029), an office of transit passed (IE118), an incident (IE182), and its
    arrival (IE007, unloading remarks IE044).
    """

    movement_id: Identifier = element(
        "Movement reference number.", ncts="TransitOperation/MRN", examples=["26NL5A1B2C3D4E5FJ1"]
    )
    event: Literal["departure", "transit", "incident", "arrival"] = element(
        "What happened.", ncts="messageType", examples=["departure"]
    )
    occurred_at: Timestamp = element(
        "When it happened, UTC.",
        ncts="TransitOperation/releaseDate, incidentNotificationDateAndTime or"
        " arrivalNotificationDateAndTime",
        examples=["2026-03-02T09:15:00Z"],
    )
    office_id: Identifier = element(
        "Customs office of departure, of transit, of registration of the incident, or of"
        " destination, as the event is.",
        ncts="CustomsOfficeOfDeparture, CustomsOfficeOfTransitDeclared,"
        " CustomsOfficeOfIncidentRegistration or CustomsOfficeOfDestinationActual/referenceNumber",
        examples=["NL000510"],
    )
    known_at: Timestamp | None = when_known()
    declaration_id: Identifier | None = element(
        "Customs declaration of the goods moved.",
        wco="Declaration/ID",
        ncts="Consignment/PreviousDocument/referenceNumber",
        default=None,
    )
    transport_id: PersonIdentifier | None = element(
        "Registration of the means of transport.",
        wco="BorderTransportMeans/ID",
        ncts="Consignment/DepartureTransportMeans/identificationNumber",
        default=None,
    )
    container_id: Identifier | None = element(
        "Container number, ISO 6346.",
        wco="Consignment/TransportEquipment/ID",
        ncts="Consignment/TransportEquipment/containerIdentificationNumber",
        default=None,
    )
    seal_state: Literal["intact", "broken", "changed", "none"] | None = element(
        "State in which the seals were found or left; `none`: the load bears no seal.",
        ncts="UnloadingRemark/stateOfSeals, Consignment/Incident/TransportEquipment/Seal",
        default=None,
    )
    gross_mass_kg: Kilograms | None = element(
        "Gross mass of the load, as declared or weighed at the event.",
        unit="kg",
        ncts="Consignment/grossMass",
        default=None,
    )
    due_at: Timestamp | None = element(
        "When the movement is due at its office of destination, UTC; set at departure.",
        ncts="TransitOperation/limitDate",
        default=None,
    )
    cancelled: bool = withdrawal()


def _due_before_departure(event: Mapping[str, Any]) -> bool:
    """Compare days: NCTS gives a limit as a date, which is the end of that day."""
    due, departed = event["due_at"], event["occurred_at"]
    dated = event["event"] == "departure" and due is not None and departed is not None
    return dated and due.date() < departed.date()


MOVEMENT_RULES = (
    Rule(
        "due_at",
        "due_before_departure",
        "expected a movement to be due no earlier than the day it departs",
        _due_before_departure,
    ),
)
