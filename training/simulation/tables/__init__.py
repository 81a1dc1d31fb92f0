"""The files of a simulated world: a table a kind of record, and the truth beside them."""

from training.simulation.tables.schemas import SCHEMAS
from training.simulation.tables.tables import closing_tables, tables

__all__ = ["SCHEMAS", "closing_tables", "tables"]
