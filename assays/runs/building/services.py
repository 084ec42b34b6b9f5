"""Verbs of building runs, all in one place for those who call them."""

from assays.runs.building.beginning import begin_run
from assays.runs.building.planning import build_run, set_insertion_rule
from assays.runs.building.racking import move_item, place_item, remove_item

__all__ = ["begin_run", "build_run", "move_item", "place_item", "remove_item", "set_insertion_rule"]
