"""What an agency files: the kinds of record, their checks, their readers."""

from features.records.check import Checked, Rejection, check_columns, check_rows, reject_groups
from features.records.declarations import Declaration
from features.records.inspections import Inspection
from features.records.kinds import KINDS, Kind, kind_of
from features.records.pseudonyms import pseudonymise

__all__ = [
    "KINDS",
    "Checked",
    "Declaration",
    "Inspection",
    "Kind",
    "Rejection",
    "check_columns",
    "check_rows",
    "kind_of",
    "pseudonymise",
    "reject_groups",
]
