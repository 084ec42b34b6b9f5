"""Files of certificates for people: as they came, and everything that was found in them."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from assays.certificates import queries
from assays.certificates.preview.queries import HEADINGS, problem_lines
from lims import files
from lims.accounts.authentication import person
from lims.web.access import page
from samples.registry.writers import xlsx_file

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@page("certificates.watch")
def problems(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give everything that was found in a file, as a spreadsheet."""
    found = queries.upload_for(person(request), pk)
    return _attached(
        xlsx_file(HEADINGS, [line.texts() for line in problem_lines(found)]),
        XLSX,
        f"{found.file_name}-problems.xlsx",
    )


@require_safe
@page("certificates.watch")
def original(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the file as it came."""
    found = queries.upload_for(person(request), pk)
    return _attached(files.get(found.sha256), "application/octet-stream", found.file_name)


@require_safe
@page("certificates.read")
def file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the file of a certificate in the record, to whoever may see every sample in it."""
    found = queries.whole_certificate_for(person(request), pk)
    return _attached(files.get(found.sha256), "application/octet-stream", found.file_name)


def _attached(content: bytes, mime: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=mime)
    safe = "".join(sign if sign.isalnum() or sign in "._-" else "_" for sign in name)
    answer["Content-Disposition"] = f'attachment; filename="{safe}"'
    return answer
