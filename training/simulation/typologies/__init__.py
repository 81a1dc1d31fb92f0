"""Ways to offend, one module each, by what is published about them."""

from training.simulation.typologies.catalog import NAMES, OFFENCE_OF_TYPOLOGY, TYPOLOGIES, trait
from training.simulation.typologies.traits import HONEST, OFFENCES, Typology

__all__ = [
    "HONEST",
    "NAMES",
    "OFFENCES",
    "OFFENCE_OF_TYPOLOGY",
    "TYPOLOGIES",
    "Typology",
    "trait",
]
