"""Idempotency keys, on a view of the test's own over a real table."""

import threading
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate

from lims.accounts.models import Organisation
from lims.api.idempotency import Idempotent, purge_old_keys
from lims.api.models import IdempotencyKey
from lims.errors import conflict
from lims.verbs import Actor, SystemActor, verb

TESTS = SystemActor("tests")


@verb
def found(*, actor: Actor, name: str) -> Organisation:
    made = Organisation.objects.create(name=name, code=f"C{Organisation.objects.count()}", kind="SPONSOR")
    if name == "refused":
        raise conflict("refused", "Refused after writing.")
    if name == "broken":
        raise ZeroDivisionError
    return made


class Founding(Idempotent):
    access: ClassVar[dict[str, str]] = {"post": "signed-in"}

    def post(self, request: Request) -> Response:
        made = found(actor=TESTS, name=request.data["name"])
        return Response({"id": str(made.pk)}, status=201, headers={"Location": f"/organisations/{made.pk}/"})


def post(user: Any, name: str, key: str | None = "k-1") -> Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    request = APIRequestFactory().post("/found/", {"name": name}, format="json", headers=headers)
    force_authenticate(request, user)
    response = Founding.as_view()(request)
    response.render()
    return response


@pytest.mark.django_db
def test_the_same_key_and_body_get_the_same_answer_once(person):
    user = person("manager", "irel")
    first, second = post(user, "Kachin Clay"), post(user, "Kachin Clay")
    assert (first.status_code, second.status_code) == (201, 201)
    assert (second.data, second["Location"]) == (first.data, first["Location"])
    assert second["Idempotency-Replayed"] == "true"
    assert Organisation.objects.filter(name="Kachin Clay").count() == 1


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_refused(person):
    user = person("manager", "irel")
    post(user, "Kachin Clay")
    second = post(user, "Other Clay")
    assert (second.status_code, second.data["code"]) == (409, "idempotency-key-reused")
    assert not Organisation.objects.filter(name="Other Clay").exists()


@pytest.mark.django_db
def test_keys_of_two_people_do_not_meet(person):
    assert post(person("manager", "irel"), "Kachin Clay").status_code == 201
    assert post(person("manager", "midwest"), "Other Clay").status_code == 201


@pytest.mark.django_db
def test_a_refusal_is_remembered_and_its_writes_are_undone(person):
    user = person("manager", "irel")
    first, second = post(user, "refused"), post(user, "refused")
    assert (first.status_code, second.status_code, second.data["code"]) == (409, 409, "refused")
    assert second["Content-Type"] == "application/problem+json"
    assert not Organisation.objects.filter(name="refused").exists()


@pytest.mark.django_db
def test_a_fault_of_ours_is_forgotten_so_that_it_can_be_tried_again(person):
    user = person("manager", "irel")
    with pytest.raises(ZeroDivisionError):
        post(user, "broken")
    assert not IdempotencyKey.objects.exists()
    assert not Organisation.objects.filter(name="broken").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 201, "é", "a\tb"])
def test_a_malformed_key_is_named(person, key):
    response = post(person("manager", "irel"), "Kachin Clay", key=key)
    assert (response.status_code, response.data["code"]) == (422, "idempotency-key-malformed")
    assert not Organisation.objects.filter(name="Kachin Clay").exists()


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_happen_once(person):
    user = person("manager", "irel")
    answers: list[Response] = []

    def send() -> None:
        answers.append(post(user, "Kachin Clay"))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data["id"] for answer in answers}) == 1
    assert Organisation.objects.filter(name="Kachin Clay").count() == 1


@pytest.mark.django_db
def test_old_keys_are_purged(person):
    user = person("manager", "irel")
    post(user, "Kachin Clay", key="old")
    post(user, "Other Clay", key="new")
    IdempotencyKey.objects.filter(key="old").update(created_at=timezone.now() - timedelta(days=31))
    assert purge_old_keys(actor=TESTS) == 1
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]
