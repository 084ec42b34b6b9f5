"""`manage.py load_demonstration`: fictitious people, mines, batches, certificates and decisions, by the verbs."""

import json
import os
import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from assays.demonstration import loading
from lims.accounts import services as accounts
from lims.accounts.models import Organisation, User
from lims.accounts.rules import ROLE_LABELS, OrganisationKind, Role
from lims.verbs import SystemActor
from samples.registry import demonstration

ACTOR = SystemActor("demonstration")
#: code → (name, kind)
ORGANISATIONS = {
    "IREL": ("IREL (India)", OrganisationKind.SPONSOR),
    "MIDWEST": ("Midwest Advanced Materials", OrganisationKind.SPONSOR),
    "HILLROAD": ("Hill Road Carriers", OrganisationKind.CARRIER),
    "DECCAN": ("Deccan Assay Laboratory", OrganisationKind.LABORATORY),
    "ODISHA": ("Odisha Rare-Earth Laboratory", OrganisationKind.LABORATORY),
    "ALS": ("ALS Geochemistry", OrganisationKind.LABORATORY),
    "MINES": ("Ministry of Mines", OrganisationKind.MINISTRY),
}
#: (role, organisation, invented name)
PEOPLE = (
    (Role.FIELD_COORDINATOR, "IREL", "Lahpai Ja Seng"),
    (Role.MANAGER, "IREL", "Ananya Rao"),
    (Role.AUDITOR, "IREL", "Thomas Kurian"),
    (Role.ADMINISTRATOR, "IREL", "Meera Pillai"),
    (Role.FIELD_COORDINATOR, "MIDWEST", "Maran Brang"),
    (Role.MANAGER, "MIDWEST", "Vikram Shetty"),
    (Role.CUSTODIAN, "HILLROAD", "Tsering Dorji"),
    (Role.RECEPTIONIST, "DECCAN", "Farah Khan"),
    (Role.TECHNICIAN, "DECCAN", "Suresh Naidu"),
    (Role.REVIEWER, "DECCAN", "Lakshmi Iyer"),
    (Role.MANAGER, "DECCAN", "Gopal Menon"),
    (Role.TECHNICIAN, "ODISHA", "Bikash Das"),
    (Role.REVIEWER, "ODISHA", "Ritu Mohanty"),
    (Role.MANAGER, "MINES", "Arvind Mehta"),
)


class Command(BaseCommand):
    help = "Fill an empty database with a demonstration; the logins go to a file that only its owner reads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="Do nothing when there is something already."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["if_empty"] and Organisation.objects.exists():
            self.stdout.write("There is something in the database already: nothing loaded.")
            return
        with transaction.atomic():
            organisations = {
                code: accounts.create_organisation(actor=ACTOR, name=name, code=code, kind=kind)
                for code, (name, kind) in ORGANISATIONS.items()
            }
            logins, people = _people(organisations)
            demonstration.load(organisations, people)
            _keep(logins)
        # Each batch in transactions of its own, as it would be: workers look at what has committed.
        loading.load(ACTOR, organisations, people)
        self.stdout.write(f"Loaded. The logins are in {_file()}.")


def _people(
    organisations: dict[str, Organisation],
) -> tuple[list[dict[str, str]], dict[tuple[str, Role], User]]:
    """Create the people; return their logins, and them by organisation and role."""
    logins, people = [], {}
    for role, code, name in PEOPLE:
        email, password = (
            f"{role.lower().replace('_', '.')}@{code.lower()}.example",
            secrets.token_urlsafe(12),
        )
        user = accounts.create_user(actor=ACTOR, email=email, name=name, password=password)
        accounts.grant_role(actor=ACTOR, user=user, organisation=organisations[code], role=role)
        people[code, role] = user
        logins.append(
            {
                "email": email,
                "password": password,
                "name": name,
                "role": ROLE_LABELS[role],
                "organisation": organisations[code].name,
            }
        )
    return logins, people


def _file() -> Path:
    return Path(settings.RUN_DIR) / "demonstration.json"


def _keep(logins: list[dict[str, str]]) -> None:
    """Write the logins to a file of mode 0600, whole or not at all."""
    target = _file()
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(
        os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(logins, file, ensure_ascii=False, indent=2)
    fresh.replace(target)
