"""`manage.py import_reference_values FILE --as E-MAIL [--commit]`: certified values of reference materials from CSV."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from assays.catalogue.library.services import import_values
from assays.catalogue.library.values import read_values
from lims.accounts.models import User
from lims.errors import DomainError, NotFound, Place, Problem


class Command(BaseCommand):
    help = (
        "Read certified values from a CSV file (one value a row; the library's page has a template). Prints as JSON what"
        " was read and every problem with its row; with --commit the good rows are kept. Exit 0 done, 1 with problems,"
        " 2 refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--as", default="", dest="email", help="E-mail of who keeps the library.")
        parser.add_argument("--commit", action="store_true", help="Keep the good rows.")

    def handle(self, *_args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            found = read_values(path.read_bytes(), path.name)
            told: dict[str, Any] = {"read": found.read, "good": len(found.rows)}
            problems = [*found.problems]
            if options["commit"]:
                made = import_values(actor=_keeper(options["email"]), rows=found.rows)
                told |= {"lots": made.lots, "values": made.values}
                problems += made.problems
        except DomainError as error:
            for problem in error.problems:
                self.stderr.write(json.dumps(problem.as_dict(), ensure_ascii=False))
            sys.exit(2)
        except OSError as error:
            missing = {"code": "file-missing", "message": f"{path}: {error.strerror}."}
            self.stderr.write(json.dumps(missing, ensure_ascii=False))
            sys.exit(2)
        told["problems"] = [one.as_dict() for one in problems]
        self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
        sys.exit(1 if problems else 0)


def _keeper(email: str) -> User:
    found = User.objects.filter(email__iexact=email, is_active=True).first()
    if found is None:
        message = f"Nobody here has the e-mail {email[:100]}."
        raise NotFound(Problem("person-unknown", message, "Name who keeps the library.", Place(field="as")))
    return found
