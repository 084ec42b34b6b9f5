"""The demonstration: loaded once, by the services, with logins that work and stay secret."""

import json
import stat

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from lims.accounts.models import User
from lims.accounts.rules import Role
from samples.registry.models import Batch, Hold, Mine, Sample, SampleList
from tests.support.worker import until

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_demonstration_loads_once_and_people_can_sign_in(capsys):
    call_command("load_demonstration", "--if-empty")
    call_command("load_demonstration", "--if-empty")
    assert "already" in capsys.readouterr().out
    assert (Mine.objects.count(), Batch.objects.count(), Sample.objects.count()) == (4, 12, 197)
    assert Sample.objects.filter(state="WITHDRAWN").count() == 1
    assert Hold.objects.filter(released_at=None).count() == 14
    # Another test's worker may be at it: then it is read a moment later.
    until(lambda: SampleList.objects.filter(state="READ").exists())
    waiting = SampleList.objects.get()
    assert (waiting.state, waiting.rows_read, waiting.rows_good) == ("READ", 8, 3)
    file = settings.RUN_DIR / "demonstration.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    logins = json.loads(file.read_text())
    assert {m.role for user in User.objects.all() for m in user.roles} == set(Role)
    assert set(logins[0]) == {"email", "password", "name", "role", "organisation"}
    client = Client()
    answer = client.post(
        "/account/login/", {"login": logins[0]["email"], "password": logins[0]["password"]}, follow=True
    )
    assert answer.status_code == 200
    assert client.get("/today/").status_code == 200
