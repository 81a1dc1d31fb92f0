"""What an agency files: the kinds of record, their checks, their readers."""

from features.records.check import check_columns, check_mappings, check_rows
from features.records.checked import Checked, CheckedRows, reject_groups, without_failed
from features.records.clashes import clash, contradiction
from features.records.crossings import Crossing
from features.records.declarations import Declaration
from features.records.inspections import Inspection
from features.records.kinds import FILED, KINDS, Kind, kind_of
from features.records.links import Link
from features.records.movements import Movement
from features.records.parties import Party
from features.records.payments import Payment
from features.records.pseudonyms import pseudonymise, pseudonymise_mappings
from features.records.rejections import WITHHELD, Rejection

__all__ = [
    "FILED",
    "KINDS",
    "WITHHELD",
    "Checked",
    "CheckedRows",
    "Crossing",
    "Declaration",
    "Inspection",
    "Kind",
    "Link",
    "Movement",
    "Party",
    "Payment",
    "Rejection",
    "check_columns",
    "check_mappings",
    "check_rows",
    "clash",
    "contradiction",
    "kind_of",
    "pseudonymise",
    "pseudonymise_mappings",
    "reject_groups",
    "without_failed",
]
