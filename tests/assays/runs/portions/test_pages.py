"""Portions on screen: taken up, split with the balance in sight, prepared, stored, thrown away."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from assays.runs.models import Ignition, Moisture, Portion, RetentionRule, RunItem, Split, StorePlace
from assays.runs.portions import services
from lims.verbs import acting
from tests.assays.runs.portions.conftest import TAKEN

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"portions:{name}", args=args)


def text_of(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def technician(signed_in, store):
    return signed_in(store.technician)


@pytest.fixture
def manager(signed_in, store):
    return signed_in(store.manager)


def rows(*parts, **more):
    typed = {"rows": str(len(parts)), "loss_g": "0", "rest_g": "0", "act": "split"}
    for n, (kind, mass) in enumerate(parts):
        typed |= {f"part-{n}-kind": kind, f"part-{n}-mass_g": mass, f"part-{n}-place": ""}
    return typed | more


def test_a_bag_is_taken_up_by_its_tag(technician, store):
    sample, shelf = store.bench.sample(), store.place()
    assert sample.tag.code in text_of(technician.get(url("take_up"), {"tag": sample.tag.code}))
    typed = {"tag": str(sample.tag), "mass_g": "1985.5", "place": str(shelf.pk)}
    answer = technician.post(url("take_up"), typed)
    made = Portion.objects.get()
    assert (answer.status_code, answer.url) == (302, url("portion", made.pk))
    assert (made.left_g, made.place) == (Decimal("1985.5"), shelf)
    again = technician.post(url("take_up"), typed)
    assert again.status_code == 422
    assert "was taken up already" in text_of(again)
    for tag in ("KC-000001-X", "nonsense", "ZZ000001" + "0", "x\x00"):
        assert technician.post(url("take_up"), typed | {"tag": tag}).status_code == 422


def test_a_portion_is_split_on_a_page(technician, store):
    bag = store.bag("2000")
    shown = text_of(technician.get(url("split", bag.pk)))
    assert "2000 g is there" in shown
    assert "No part is weighed yet" in shown
    answer = technician.post(
        url("split", bag.pk), rows(("COARSE", "1480"), ("PULP", "510"), ("PULP", ""), loss_g="10")
    )
    assert answer.status_code == 302
    page = text_of(technician.get(answer.url))
    assert "Print 2 labels" in page
    assert f"{bag.label}-C1" in page
    assert "10 g lost (0.50 %)" in page
    assert list(Portion.objects.order_by("label").values_list("left_g", flat=True)) == [0, 1480, 510]


def test_the_balance_runs_along_without_and_with_script(technician, store):
    bag = store.bag("2000")
    typed = rows(("COARSE", "1480"), ("PULP", "250"), loss_g="x")
    fragment = technician.post(url("running_balance", bag.pk), typed)
    assert "270 g to go" in text_of(fragment)
    assert "<html" not in fragment.content.decode()
    added = technician.post(url("split", bag.pk), typed | {"act": "add", "part-1-mass_g": "600"})
    assert "80 g too much" in text_of(added)
    more = technician.post(url("split", bag.pk), typed | {"act": "more"})
    assert 'name="part-5-mass_g"' in more.content.decode()
    assert 'value="1480"' in more.content.decode()
    for count in ("0", "-1", "99", "²", "1" * 30, ""):
        assert technician.post(url("running_balance", bag.pk), typed | {"rows": count}).status_code == 200
    assert not Split.objects.exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (rows(("COARSE", "1480")), "520 g missing"),
        (rows(("COARSE", "")), "No part is given"),
        (rows(("BAG", "2000")), "Select a valid choice"),
        (rows(("PULP", "2000.00001")), "no more than 4 decimal places"),
        (rows(("PULP", "-5")), "Part 1: The mass is -5"),
        (rows(("PULP", "2000"), loss_g=""), "This field is required"),
        (rows(("PULP", "2000"), seen_g="1999"), "not 1999 g as you saw"),
    ],
)
def test_a_split_that_is_refused_keeps_what_was_typed(technician, store, typed, words):
    bag = store.bag("2000")
    answer = technician.post(url("split", bag.pk), typed)
    assert answer.status_code == 422
    assert words in text_of(answer)
    if mass := typed["part-0-mass_g"]:
        assert f'value="{mass}"' in answer.content.decode()
    assert not Split.objects.exists()


def test_after_a_change_the_page_shows_what_stands_and_goes_on(technician, store):
    bag = store.bag("2000")
    services.use_portion(actor=store.technician, portion=bag, mass_g=Decimal(500), reason="Spilt")
    typed = rows(("PULP", "1500"), seen_g="2000")
    answer = technician.post(url("split", bag.pk), typed)
    assert "1500 g is there" in text_of(answer)
    assert 'name="seen_g" value="1500.0000"' in answer.content.decode()
    assert technician.post(url("split", bag.pk), typed | {"seen_g": "1500.0000"}).status_code == 302


def test_a_portion_is_worked_on_from_its_page(technician, store):
    bag, shelf = store.bag("2000"), store.place()
    typed = {
        "step": "PULVERISE",
        "before_g": "2000",
        "after_g": "1990",
        "sieve_um": "75",
        "passing_pct": "80",
    }
    page = text_of(technician.post(url("prepare", bag.pk), typed, follow=True))
    assert "80 % passed 75 µm: less than 85 %" in page
    assert "10 g lost (0.50 %)" in page
    assert technician.post(url("use", bag.pk), {"mass_g": "90", "reason": "Fusion"}).status_code == 302
    assert technician.post(url("put_away", bag.pk), {"place": str(shelf.pk)}).status_code == 302
    page = text_of(technician.get(url("portion", bag.pk)))
    for words in ("Used, 90 g", "Put away: Shelf 1", "Taken up, 2000 g", "1900"):
        assert words in page
    answer = technician.post(url("give_back", bag.pk), {"reason": "Asked for"}, follow=True)
    assert "is returned, 1900 g" in text_of(answer)
    assert url("split", bag.pk) not in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("prepare", {"step": "CRUSH", "before_g": "1500", "after_g": "1"}, "By the record 2000 g"),
        ("prepare", {"step": "DRY", "before_g": "2000", "after_g": "1"}, "Drying has a temperature"),
        ("use", {"mass_g": "2001", "reason": "x"}, "2000 g of"),
        ("use", {"mass_g": "one", "reason": "x"}, "Enter a number"),
        ("put_away", {"place": "1"}, "valid"),
        ("give_back", {"reason": ""}, "This field is required"),
        ("dispose", {"reason": "Old"}, "Nobody has said how long"),
    ],
)
def test_what_is_refused_stands_in_its_form(technician, store, name, typed, words):
    bag = store.bag("2000")
    answer = technician.post(url(name, bag.pk), typed)
    assert answer.status_code == 422
    if name != "dispose":  # its form shows only when it may be thrown away
        assert words in text_of(answer)
    bag.refresh_from_db()
    assert (bag.left_g, bag.state) == (2000, "HELD")


def test_what_is_due_is_thrown_away_together(technician, store):
    store.rule("BAG", 0)
    one, two = store.bag("2000"), store.bag("1000")
    page = text_of(technician.get(url("due")))
    assert one.label in page
    assert two.label in page
    empty = technician.post(url("dispose_chosen"), {"portion": [str(one.pk)], "reason": ""})
    assert empty.status_code == 422
    assert f'value="{one.pk}" checked' in text_of(empty)
    assert technician.post(url("dispose_chosen"), {"reason": "Old", "portion": "x"}).status_code == 422
    answer = technician.post(url("dispose_chosen"), {"portion": [str(one.pk), str(two.pk)], "reason": "Old"})
    assert answer.status_code == 302
    assert set(Portion.objects.values_list("state", flat=True)) == {"DISPOSED"}
    assert "Nothing is due" in text_of(technician.get(url("due")))


def test_a_manager_sets_how_long_portions_are_kept(manager, technician, store):
    typed = {"laboratory": str(store.laboratory.pk), "kind": "PULP", "days": "90", "rationale": "Agreed"}
    assert manager.post(url("set_rule"), typed | {"days": "-1"}).status_code == 422
    assert technician.post(url("set_rule"), typed).status_code == 403
    assert manager.post(url("set_rule"), typed).status_code == 302
    assert (RetentionRule.objects.get().days, RetentionRule.objects.get().made_by) == (90, store.manager)
    assert "Agreed" in text_of(technician.get(url("due")))


def test_the_store_tells_what_stands_where(technician, store):
    typed = {"laboratory": str(store.laboratory.pk), "name": "Room 2", "inside": ""}
    assert technician.post(url("add_place"), typed).status_code == 302
    assert technician.post(url("add_place"), typed | {"name": "room 2"}).status_code == 422
    room = StorePlace.objects.get()
    bag = store.bag("2000", place=room)
    assert "2.000" in text_of(technician.get(url("store")))
    assert technician.post(url("retire_place", room.pk)).status_code == 409
    shown = technician.get(url("portions"), {"place": str(room.pk)})
    assert [row.label for row, _ in shown.context["rows"]] == [bag.label]
    assert technician.get(url("portions"), {"place": str(bag.pk)}).status_code == 404
    services.return_portion(actor=store.technician, portion=bag, reason="x")
    assert technician.post(url("retire_place", room.pk)).status_code == 302


def test_the_list_is_narrowed_and_takes_any_word(technician, store):
    store.split(store.bag("2000"), "PULP 2000")
    for narrowed, count in (({}, 2), ({"kind": "PULP"}, 1), ({"state": "USED_UP"}, 1), ({"kind": "\x00"}, 2)):
        assert len(technician.get(url("portions"), narrowed).context["rows"]) == count
    empty = technician.get(url("portions"), {"kind": "ALIQUOT"})
    assert "No such portion" in text_of(empty)


def test_moisture_and_ignition_stand_with_the_masses_they_make(technician, store):
    bag = store.bag("2000")
    of = bag.sample_id
    drying = {"wet_g": "50", "dry_g": "43.1", "temperature_c": "105"}
    assert technician.post(url("dry", of), drying | {"dry_g": "60"}).status_code == 422
    assert technician.post(url("dry", of), drying).status_code == 302
    burning = {"dry_g": "2", "ignited_g": "1.7536", "temperature_c": "1000"}
    assert technician.post(url("ignite", of), burning | {"temperature_c": "20"}).status_code == 422
    assert technician.post(url("ignite", of), burning).status_code == 302
    assert (Moisture.objects.count(), Ignition.objects.count()) == (1, 1)
    page = text_of(technician.get(url("bag", of)))
    for words in ("13.80 %", "12.32 %", "1724 g dry, 1511.6032 g ignited"):
        assert words in page


def test_the_sample_page_tells_of_portions(technician, signed_in, store):
    sample = store.bench.sample()
    of = reverse("registry:sample", args=[sample.pk])
    assert "Take the bag up" in text_of(technician.get(of))
    owner = signed_in(store.owner)
    assert "not taken up" not in text_of(owner.get(of))
    pulp = store.split(store.bag("2000", sample=sample), "PULP 2000").portions.get()
    for who in (technician, owner):
        page = text_of(who.get(of))
        assert pulp.label in page
        assert "2000 g taken up = <strong>2000 g left</strong>" in page
    assert "Pangwa" not in text_of(technician.get(url("bag", sample.pk)))


def test_a_run_lists_what_to_fetch_but_not_where_in_the_rack(technician, store):
    bag, run = store.bag("2000", place=store.place()), store.bench.run()
    with acting(store.bench.system, verb_name="build"):
        RunItem.objects.create(
            run=run, label="SECRET-07", kind="SAMPLE", sample=bag.sample, portion=bag, position=7
        )
    page = text_of(technician.get(reverse("runs:run", args=[run.pk])))
    panel = page[page.index("Portions to fetch") :]
    assert bag.label in panel
    assert "Shelf 1" in panel
    assert "SECRET-07" not in panel


def test_labels_are_printed_small_or_on_sheets(technician, store):
    parts = store.split(store.bag("2000"), "COARSE 1500", "PULP 500").portions.order_by("label")
    chosen = {"portion": [str(part.pk) for part in parts]}
    for more in ({}, {"on": "sheet"}):
        answer = technician.get(url("labels"), chosen | more)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert answer.content.startswith(b"%PDF")
    assert technician.get(url("labels"), {"portion": "x"}).status_code == 422


def test_a_scanned_label_goes_straight_to_its_portion(technician, store):
    pulp = store.split(store.bag("2000"), "PULP 2000").portions.get()
    for text in (pulp.label, pulp.label.lower()):
        assert technician.get(reverse("web:search"), {"q": text}).url == url("portion", pulp.pk), text
    shown = f"{pulp.label[:2]}-{pulp.label[2:8]}-{pulp.label[8:]}"
    assert url("portion", pulp.pk) in text_of(technician.get(reverse("web:search"), {"q": shown}))


def test_others_do_not_know_of_a_portion(signed_in, store, person):
    bag = store.bag("2000")
    for who, known in (
        (store.owner, 200),
        (person("auditor", "mines"), 200),
        (person("manager", "midwest"), 404),
        (person("manager", "hillroad"), 404),
    ):
        assert signed_in(who).get(url("portion", bag.pk)).status_code == known
    for who in (store.owner, store.manager, store.bench.reviewer):
        assert signed_in(who).get(url("split", bag.pk)).status_code == 403
        assert signed_in(who).post(url("use", bag.pk), {"mass_g": "1", "reason": "x"}).status_code == 403
    bag.refresh_from_db()
    assert bag.left_g == 2000


def test_a_portion_thrown_away_from_its_page(technician, store):
    store.rule("BAG", 0)
    bag = store.bag("2000", at=timezone.now() - timedelta(days=2))
    assert "Throw it away" in text_of(technician.get(url("portion", bag.pk)))
    assert technician.post(url("dispose", bag.pk), {"reason": "Old"}).status_code == 302
    bag.refresh_from_db()
    assert bag.state == "DISPOSED"


def test_lists_cost_the_same_with_more_in_them(technician, store, django_assert_max_num_queries):
    def cost(name, *args):
        from django.db import connection  # noqa: PLC0415
        from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

        with CaptureQueriesContext(connection) as found:
            assert technician.get(url(name, *args)).status_code == 200
        return len(found)

    store.rule("BAG", 0)
    first = store.bag("2000", place=store.place())
    names = [("portions",), ("store",), ("due",), ("bag", first.sample_id)]
    before = [cost(*name) for name in names]
    store.bag("1000", place=store.place("Shelf 2"))
    store.bag("1000", place=store.place("Shelf 3"))
    store.split(first, "COARSE 1000", "PULP 500", "PULP 500", at=TAKEN + timedelta(hours=1))
    assert [cost(*name) for name in names] == before
