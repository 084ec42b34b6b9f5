"""`manage.py import_qc_history FILE --lab CODE --as E-MAIL --analyte Au [--dry-run]`: QC results of the past, for charts."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from assays.catalogue.queries import laboratory_called
from assays.quality.histories import LARGEST_BYTES, import_history
from assays.quality.past import PastFile, counts, read_past
from lims.accounts.models import Organisation, User
from lims.accounts.rules import OrganisationKind, Role
from lims.errors import DomainError, NotFound, Place, Problem, invalid


class Command(BaseCommand):
    help = (
        "Keep QC results of the past as a history, in the order of date, batch name and sample id. Prints as JSON how"
        " many results each material has and which rules they break; exit 0 done, 2 refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", help="CSV file, one result a row, with certified value and standard deviation."
        )
        parser.add_argument("--analyte", required=True, help="Element whose columns are read, as in Au.")
        parser.add_argument("--lab", default="", help="Code or name of the laboratory that measured.")
        parser.add_argument(
            "--as", default="", dest="email", help="E-mail of the reviewer or manager who keeps it."
        )
        parser.add_argument("--dry-run", action="store_true", help="Count only; keep nothing.")

    def handle(self, *_args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            with path.open("rb") as file:
                content = file.read(LARGEST_BYTES + 1)
            if options["dry_run"]:
                found, kept = read_past(content, options["analyte"]), None
            else:
                found, kept = _kept(path.name, content, **options)
        except DomainError as error:
            for problem in error.problems:
                self.stderr.write(json.dumps(problem.as_dict(), ensure_ascii=False))
            sys.exit(2)
        except OSError as error:
            missing = {"code": "file-missing", "message": f"{path}: {error.strerror}."}
            self.stderr.write(json.dumps(missing, ensure_ascii=False))
            sys.exit(2)
        self.stdout.write(json.dumps(_told(found, kept), ensure_ascii=False, indent=1))


def _kept(name: str, content: bytes, **options: Any) -> tuple[PastFile, str]:
    """Return what was read, and the id of the history. Raises `DomainError`."""
    laboratory = Organisation.objects.filter(
        kind=OrganisationKind.LABORATORY, code__iexact=options["lab"]
    ).first() or laboratory_called(options["lab"])
    if laboratory is None:
        message = f"There is no laboratory “{options['lab'][:60]}”."
        raise NotFound(Problem("laboratory-unknown", message, "Use its code.", Place(field="lab")))
    user = User.objects.filter(email__iexact=options["email"], is_active=True).first()
    if user is None:
        message = f"Nobody here has the e-mail {options['email'][:100]}."
        raise NotFound(Problem("person-unknown", message, "Name a reviewer or manager.", Place(field="as")))
    roles = (Role.REVIEWER, Role.MANAGER)
    mine = {pk for role in roles for pk in user.organisations_as(role)}
    keeper = (
        Organisation.objects.filter(pk__in=mine, kind=OrganisationKind.LABORATORY).order_by("code").first()
    )
    if keeper is None:
        raise invalid("not-a-reviewer", f"{user} keeps no laboratory's QC.", "Name a reviewer.", field="as")
    history, found = import_history(
        actor=user,
        kept_by=keeper,
        laboratory=laboratory,
        file_name=name,
        content=content,
        analyte=options["analyte"],
    )
    return found, str(history.pk)


def _told(found: PastFile, kept: str | None) -> dict[str, Any]:
    return {
        "history": kept,
        "rows": found.rows,
        "results": len(found.results),
        "left_out": [{"row": row, "why": why} for row, why in found.left_out],
        "materials": [
            {"code": one.code, "results": one.results, **one.rules} for one in counts(found.results)
        ],
    }
