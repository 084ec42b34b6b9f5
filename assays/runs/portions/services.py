"""Verbs of portions, all in one place for those who call them."""

from assays.runs.portions.handling import prepare_portion, store_portion, use_portion
from assays.runs.portions.leaving import (
    dispose_portion,
    dispose_portions,
    return_portion,
    set_retention_rule,
)
from assays.runs.portions.measuring import record_ignition
from assays.runs.portions.places import add_place, retire_place
from assays.runs.portions.splitting import Part, split_portion
from assays.runs.portions.taking import take_up_bag

__all__ = [
    "Part",
    "add_place",
    "dispose_portion",
    "dispose_portions",
    "prepare_portion",
    "record_ignition",
    "retire_place",
    "return_portion",
    "set_retention_rule",
    "split_portion",
    "store_portion",
    "take_up_bag",
    "use_portion",
]
