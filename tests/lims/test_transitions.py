from itertools import product

import pytest
from django.apps import apps

from lims.errors import Conflict
from lims.transitions import check_transition, pairs

TABLES = [
    (model._meta.label, column, table)
    for model in apps.get_models()
    for column, table in getattr(model, "transitions", {}).items()
]


@pytest.mark.parametrize(
    ("label", "column", "table"), TABLES, ids=[f"{label}.{column}" for label, column, _ in TABLES]
)
def test_every_pair_of_states_is_allowed_or_refused_as_the_table_says(label, column, table):
    states = set(table) | {after for afters in table.values() for after in afters}
    allowed = set(pairs(table))
    for before, after in product(sorted(states), repeat=2):
        if (str(before), str(after)) in allowed:
            check_transition(table, before, after)
        else:
            with pytest.raises(Conflict, match="cannot become"):
                check_transition(table, before, after)


def test_there_are_tables_to_walk():
    assert TABLES
