"""`manage.py create_administrator EMAIL NAME`: the first person of a new installation."""

import getpass
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from lims.accounts.models import Organisation
from lims.accounts.rules import OrganisationKind, Role
from lims.accounts.services import create_organisation, create_user, grant_role
from lims.errors import DomainError
from lims.verbs import SystemActor


class Command(BaseCommand):
    help = "Add an administrator, with their organisation if it is new; asks for the password, or takes PASSWORD."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name")
        parser.add_argument("--organisation", default="Administration")
        parser.add_argument("--code", default="ADMIN")
        parser.add_argument("--kind", default=OrganisationKind.MINISTRY, choices=list(OrganisationKind))

    def handle(self, *_args: Any, **options: Any) -> None:
        password = os.environ.get("PASSWORD") or getpass.getpass("Password: ")
        actor = SystemActor("create_administrator")
        try:
            with transaction.atomic():
                found = Organisation.objects.filter(code=options["code"].upper()).first()
                organisation = found or create_organisation(
                    actor=actor, name=options["organisation"], code=options["code"], kind=options["kind"]
                )
                user = create_user(
                    actor=actor, email=options["email"], name=options["name"], password=password
                )
                grant_role(actor=actor, user=user, organisation=organisation, role=Role.ADMINISTRATOR)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{user.email} is an administrator.")
