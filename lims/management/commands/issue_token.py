"""`manage.py issue_token EMAIL`: a token for an instrument or a script, printed once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lims.accounts.models import User
from lims.accounts.services import issue_token
from lims.errors import DomainError
from lims.verbs import SystemActor


class Command(BaseCommand):
    help = "Issue a token for the API to a person, and print it once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--days", type=int, default=30, help="how long it lives (at most 365)")

    def handle(self, *_args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"]).first()
        if user is None:
            raise CommandError(f"Nobody here has the address {options['email']}.")
        try:
            _token, secret = issue_token(actor=SystemActor("issue_token"), user=user, days=options["days"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(secret)
