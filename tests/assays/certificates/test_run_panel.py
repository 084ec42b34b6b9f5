"""Certificates on a run's page: every version, which one stands, and the file for whoever sees all of its samples."""

import pytest
from django.urls import reverse

from assays.certificates.run_panel import summaries
from lims.verbs import SystemActor, acting
from samples.registry.models import BatchParty
from tests.assays.quality.conftest import bench, blank, crm, ground, register  # noqa: F401  # fixtures
from tests.assays.runs.conftest import good_run, tested  # noqa: F401  # fixtures

pytestmark = pytest.mark.django_db


def page(client, run):
    return " ".join(client.get(reverse("runs:run", args=[run.pk])).content.decode().split())


def test_what_stands_is_said_in_a_few_words(good_run, tested, crm):  # noqa: F811  # fixtures
    run, other = good_run(), tested.run("HY2")
    assert summaries([run, other])[run.pk].words == "results"
    tested.report(run, [("RM 20", crm, {"Dy": "20"})])
    tested.report(run, [("RM 20", crm, {"Dy": "20"})], purpose="QC")
    found = summaries([run, other])
    assert found[run.pk].words == "results, version 2 and own QC"
    assert not found[run.pk].preliminary
    assert other.pk not in found


def test_a_superseded_version_stays_to_be_seen(signed_in, good_run, tested, crm):  # noqa: F811  # fixtures
    run = good_run()
    tested.report(run, [("RM 20", crm, {"Dy": "20"})])
    text = page(signed_in(tested.reviewer), run)
    assert (text.count("Superseded"), text.count("Stands</span>")) == (1, 1)
    for certificate in run.certificates.all():
        assert certificate.sha256 in text
        assert reverse("certificates:file", args=[certificate.pk]) in text


def test_the_file_is_not_for_those_who_see_a_part(signed_in, person, good_run, tested):  # noqa: F811  # fixtures

    run = good_run()
    with acting(SystemActor("tests"), verb_name="remove_party"):
        BatchParty.objects.all().delete()
    certificate = run.certificates.get()
    text = page(signed_in(tested.reviewer), run)
    assert certificate.file_name in text
    assert reverse("certificates:file", args=[certificate.pk]) not in text
