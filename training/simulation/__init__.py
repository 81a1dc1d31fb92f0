"""A simulated world of trade, with hidden offenders, for use without any agency's data."""

from training.simulation.run import simulate

__all__ = ["simulate"]
