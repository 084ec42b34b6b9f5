"""The site of a sample in the forms: earlier sites of one's open batches are offered, the last one is carried over."""

import pytest
from django.urls import reverse

from samples.registry import sample_queries, services
from samples.registry.models import Batch, Sample
from samples.registry.rules import show_tag

pytestmark = pytest.mark.django_db


def test_earlier_sites_are_offered_once_each_and_not_those_of_closed_batches(ground, register, signed_in):
    for n, site in enumerate(("pit 3", "pit 1", "pit 3", "")):
        register(n, site=site)
    client = signed_in(ground.coordinator)
    text = client.get(reverse("registry:register")).content.decode()
    offered = text.split('<datalist id="sites">')[1].split("</datalist>")[0]
    assert offered == '<option value="pit 1"></option><option value="pit 3"></option>'
    assert 'list="sites"' in text.split('name="site"')[1].split(">")[0]
    correct = client.get(reverse("registry:correct", args=[Sample.objects.first().pk])).content.decode()
    assert '<option value="pit 1"></option>' in correct
    services.close_batch(actor=ground.manager, batch=ground.batch)
    assert sample_queries.sites_in(Batch.objects.filter(state="OPEN")) == []
    assert sample_queries.sites_in(Batch.objects.all(), most=1) == ["pit 1"]


def test_the_site_is_kept_for_the_next_bag(ground, signed_in):
    client = signed_in(ground.coordinator)
    sheet = {
        "tag": show_tag(ground.tags[0]),
        "mass_g": "2150",
        "collected_at": "2026-11-03T14:20",
        "batch": str(ground.batch.pk),
        "site": "  heap   2 ",
        "next": "1",
    }
    answer = client.post(reverse("registry:register"), sheet, follow=True)
    assert Sample.objects.get().site == "heap 2"
    assert answer.context["form"]["site"].value().split() == ["heap", "2"]
