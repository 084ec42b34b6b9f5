"""`manage.py import_certificate FILE --lab CODE --as E-MAIL [--profile NAME] [--commit]`: a certificate from a shell.

For laboratories that automate: the same upload, preview and commit as on the page, done by the same workers.
"""

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand

from assays.catalogue.models import Profile
from assays.catalogue.queries import laboratory_called, newest_profiles
from assays.certificates.models import Upload
from assays.certificates.queries import preview
from assays.certificates.rules import LARGEST_BYTES, Purpose, UploadState
from assays.certificates.services import commit_upload, describe_upload, upload_certificate
from lims.accounts.models import Organisation, User
from lims.accounts.rules import OrganisationKind, Role
from lims.errors import DomainError, NotFound, Place, Problem, conflict, invalid

#: states in which a worker has something to do
_UNDER_WAY: Final = {UploadState.WAITING, UploadState.COMMITTING}
POLL_S: Final = 0.2


class Command(BaseCommand):
    help = (
        "Bring in a certificate: upload, preview and, with --commit, commit. Prints JSON; exit 0 as ordered,"
        " 1 where rows or the file have errors, 2 where it was refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="The certificate's file.")
        parser.add_argument("--lab", required=True, help="Code or name of the laboratory that issued it.")
        parser.add_argument(
            "--as", required=True, dest="email", help="E-mail of the technician who brings it in."
        )
        parser.add_argument(
            "--profile", default="", help="Name of the laboratory's profile; its newest version is used."
        )
        parser.add_argument(
            "--number", default="", help="Number of the job, where the file itself names none."
        )
        parser.add_argument("--qc", action="store_true", help="It reports the laboratory's own QC.")
        parser.add_argument("--commit", action="store_true", help="Commit the good rows; leave the others.")
        parser.add_argument(
            "--accept", action="store_true", help="Commit although the file as a whole has errors."
        )
        parser.add_argument("--timeout", type=float, default=300, help="Seconds to wait for the workers.")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            upload = _brought(**options)
            told = _told(upload)
        except DomainError as error:
            for problem in error.problems:
                self.stderr.write(json.dumps(problem.as_dict(), ensure_ascii=False))
            sys.exit(2)
        except OSError as error:
            missing = {"code": "file-missing", "message": f"{options['file']}: {error.strerror}."}
            self.stderr.write(json.dumps(missing, ensure_ascii=False))
            sys.exit(2)
        self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
        if upload.state == UploadState.REFUSED:
            sys.exit(2)
        if upload.problems or told["counts"]["left"] or told["errors"]:
            sys.exit(1)


def _brought(**options: Any) -> Upload:
    """Return the upload after what was ordered is done. Raises `DomainError`, `OSError`."""
    laboratory = _laboratory(options["lab"])
    actor, kept_by = _technician(options["email"])
    profile = _profile(laboratory, options["profile"])
    path = Path(options["file"])
    with path.open("rb") as file:
        content = file.read(LARGEST_BYTES + 1)
    upload = upload_certificate(
        actor=actor, kept_by=kept_by, name=path.name, content=content, profile=profile
    )
    upload = _awaited(upload, options["timeout"])
    if upload.state == UploadState.REFUSED:
        return upload
    number = options["number"] or upload.number
    purpose = Purpose.QC if options["qc"] else upload.purpose
    if (upload.laboratory, upload.number, upload.purpose) != (laboratory, number, purpose):
        again = describe_upload(
            actor=actor,
            upload=upload,
            laboratory=laboratory,
            number=number,
            purpose=purpose,
            profile=profile,
        )
        upload = _awaited(again, options["timeout"])
    if options["commit"]:
        commit_upload(actor=actor, upload=upload, accept=options["accept"])
        upload = _awaited(upload, options["timeout"])
    return upload


def _laboratory(text: str) -> Organisation:
    found = Organisation.objects.filter(kind=OrganisationKind.LABORATORY, code__iexact=text).first()
    found = found or laboratory_called(text)
    if found is None:
        message = f"There is no laboratory “{text[:60]}”."
        raise NotFound(Problem("laboratory-unknown", message, "Use its code.", Place(field="lab")))
    return found


def _technician(email: str) -> tuple[User, Organisation]:
    """Return the person, and the laboratory for which they log. Raises `NotFound` ("person-unknown"), `Invalid`."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        message = f"Nobody here has the e-mail {email[:100]}."
        raise NotFound(Problem("person-unknown", message, "Name a technician.", Place(field="as")))
    kept_by = (
        Organisation.objects.filter(pk__in=user.organisations_as(Role.TECHNICIAN)).order_by("code").first()
    )
    if kept_by is None:
        raise invalid("not-a-technician", f"{user} logs for no laboratory.", "Name a technician.", field="as")
    return user, kept_by


def _profile(laboratory: Organisation, name: str) -> Profile | None:
    if not name:
        return None
    found = next((one for one in newest_profiles(laboratory) if one.name.casefold() == name.casefold()), None)
    if found is None:
        known = ", ".join(one.name for one in newest_profiles(laboratory)) or "none"
        message = f"{laboratory} has no profile “{name[:60]}”."
        raise NotFound(Problem("profile-unknown", message, f"Known: {known}.", Place(field="profile")))
    return found


def _awaited(upload: Upload, timeout_s: float) -> Upload:
    """Return the upload when the workers are done with it. Raises `Conflict` ("worker-late")."""
    until = time.monotonic() + timeout_s
    while True:
        rows = Upload.objects.select_related("kept_by", "laboratory", "profile", "method", "certificate")
        found = rows.get(pk=upload.pk)
        if found.state not in _UNDER_WAY:
            return found
        if time.monotonic() > until:
            message = (
                f"No worker was done with {found} after {timeout_s:g} s; it stays, as upload {found.pk}."
            )
            raise conflict("worker-late", message, "Look at “Work in progress”, and whether workers run.")
        time.sleep(POLL_S)


def _told(upload: Upload) -> dict[str, Any]:
    """Return what became of the file, as plain data."""
    seen = preview(upload)
    certificate = upload.certificate
    rows = upload.rows.exclude(problems=[]).order_by("number")[:500]
    return {
        "upload": str(upload.pk),
        "state": upload.state,
        "layout": upload.understood.get("layout", ""),
        "number": upload.number,
        "sentence": seen.sentence,
        "counts": {
            name: getattr(seen, name) for name in ("rows", "samples", "duplicates", "qc", "unmatched", "left")
        },
        "errors": seen.errors,
        "problems": upload.problems,
        "rows": [{"row": row.number, "label": row.label, "problems": row.problems} for row in rows],
        "certificate": str(certificate.pk) if certificate is not None else None,
        "determinations": certificate.determination_count if certificate is not None else 0,
    }
