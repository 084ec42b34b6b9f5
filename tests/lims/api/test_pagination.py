import base64
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lims.accounts.models import Organisation
from lims.api.pagination import keyset_page
from lims.errors import Invalid
from lims.verbs import SystemActor, acting

pytestmark = pytest.mark.django_db


def add(*names_and_kinds: tuple[str, str]) -> list[Organisation]:
    """Add organisations with these names and kinds, in this order."""
    rows = [
        Organisation(name=name, code=f"O{n}", kind=kind) for n, (name, kind) in enumerate(names_and_kinds)
    ]
    with acting(SystemActor("tests"), verb_name="add"):
        return Organisation.objects.bulk_create(rows)


def walk(order: tuple[str, ...], size: int) -> tuple[list[list[str]], list[list[str]]]:
    """Return the names of all pages on the way forward, and again on the way back."""
    forward, cursor = [], None
    while True:
        page = keyset_page(Organisation.objects.all(), order=order, cursor=cursor, size=size)
        forward.append([row.name for row in page.rows])
        if page.next is None:
            break
        cursor = page.next
    back = [forward[-1]]
    while page.previous:
        page = keyset_page(Organisation.objects.all(), order=order, cursor=page.previous, size=size)
        back.append([row.name for row in page.rows])
    return forward, back[::-1]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    kinds=st.lists(st.sampled_from(["SPONSOR", "CARRIER", "LABORATORY"]), max_size=12),
    size=st.integers(1, 5),
    order=st.sampled_from([("kind", "id"), ("-kind", "id"), ("kind", "-id"), ("-id",), ("-kind", "-name")]),
)
def test_pages_hold_every_row_once_in_order_both_ways(db, kinds, size, order):
    with acting(SystemActor("tests"), verb_name="clear"):
        Organisation.objects.all().delete()
    add(*((f"N{n:02}", kind) for n, kind in enumerate(kinds)))
    forward, back = walk(order, size)
    expected = list(Organisation.objects.order_by(*order).values_list("name", flat=True))
    assert [name for page in forward for name in page] == expected
    assert [name for page in back for name in page] == expected


def test_a_page_costs_one_query(django_assert_num_queries):
    add(*((f"N{n}", "SPONSOR") for n in range(5)))
    page = keyset_page(Organisation.objects.all(), order=("kind", "id"), size=2)
    with django_assert_num_queries(1):
        keyset_page(Organisation.objects.all(), order=("kind", "id"), cursor=page.next, size=2)


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "%%%",
        encoded([["kind", "id"], ["SPONSOR"], False]),
        encoded([["name"], ["SPONSOR"], False]),
        encoded([["kind", "id"], ["SPONSOR", "not-a-uuid"], False]),
        encoded([["kind", "id"], ["SPONSOR", None], False]),
        encoded([["kind", "id"], ["SPONSOR", {"a": 1}], False]),
        encoded([["kind", "id"], ["SPON\0SOR", "01a208d6-985d-7054-8e20-0ac97ca1a980"], False]),
        encoded({"kind": 1}),
        encoded([1, 2, 3]),
        encoded("[" * 5000),
    ],
)
def test_a_cursor_of_another_list_is_refused_by_name(cursor):
    with pytest.raises(Invalid) as refusal:
        keyset_page(Organisation.objects.all(), order=("kind", "id"), cursor=cursor)
    assert refusal.value.problems[0].code == "cursor-malformed"
