"""A tag that is read after another one took its place."""

from datetime import timedelta
from decimal import Decimal

import pytest

from lims.verbs import SystemActor, acting
from samples.custody.happenings import Here, happened
from samples.custody.models import Incident, Outsider, TagReplacement
from samples.custody.rules import EventKind
from samples.custody.tag_checks import check_tag, replacement_of
from samples.registry.models import Photograph, Tag
from tests.samples.custody.conftest import CAME

pytestmark = pytest.mark.django_db


@pytest.fixture
def replaced(ground, sealed):
    """Return how the first bag's tag was replaced by the last one of the ground, two days before it came."""
    bag, at = sealed(0), CAME - timedelta(days=2)
    with acting(SystemActor("tests"), verb_name="tests"):
        new = Tag.objects.get(code=ground.tags[-1])
        old = bag.tag
        type(bag).objects.filter(pk=bag.pk).update(tag=new)
        Tag.objects.filter(pk=old.pk).update(replaced_at=at)
        picture = Photograph.objects.create(
            owner=ground.owner,
            sha256="0" * 64,
            media_type="image/jpeg",
            width=4,
            height=3,
            size=100,
            added_by=ground.manager,
        )
        one, two = (Outsider.objects.create(name=name) for name in ("U Than", "Daw Mya"))
        return TagReplacement.objects.create(
            sample=bag,
            old_tag=old,
            new_tag=new,
            reason="Torn off.",
            witness_one=one,
            witness_two=two,
            photograph=picture,
            at=at,
        )


def seen(code, bag, at):
    with acting(SystemActor("tests"), verb_name="tests"):
        event = happened(EventKind.STORED, Here(at), sample=bag, gross_mass_g=Decimal(2150))
        return check_tag(code, event)


@pytest.mark.parametrize(("after_s", "trips"), [(0, False), (1, True)])
def test_read_after_it_was_replaced(replaced, after_s, trips):
    found = seen(replaced.old_tag.code, replaced.sample, replaced.at + timedelta(seconds=after_s))
    assert (found is not None) == trips == Incident.objects.exists()
    if trips:
        assert (found.kind, found.sample, found.blocking) == ("TAG_REPLACED", replaced.sample, True)
        assert found.facts == {
            "seen_tag": str(replaced.old_tag),
            "tag_now": str(replaced.new_tag),
            "seen_at": (replaced.at + timedelta(seconds=1)).isoformat(),
            "replaced_at": replaced.at.isoformat(),
        }


def test_the_tag_of_now_and_one_that_was_never_replaced(ground, replaced):
    for code in (replaced.new_tag.code, ground.tags[1]):
        assert replacement_of(code) is None
        assert seen(code, replaced.sample, CAME) is None


def test_at_the_laboratorys_desk(ground, packing, replaced, receive):
    from samples.custody import services  # noqa: PLC0415  # beside the fixtures it would be shadowed
    from tests.samples.custody.conftest import LEFT, complete  # noqa: PLC0415

    services.pack(actor=ground.coordinator, consignment=packing, samples=[replaced.sample])
    complete(ground, packing)
    on_road = services.dispatch(actor=ground.coordinator, consignment=packing, here=Here(LEFT))
    item = receive(on_road, tag=replaced.old_tag.code)
    assert (item.sample, item.state) == (replaced.sample, "RECEIVED")
    assert list(Incident.objects.values_list("kind", flat=True)) == ["TAG_REPLACED"]
