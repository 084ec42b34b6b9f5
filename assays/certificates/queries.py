"""Reads of uploads and certificates: the preview in numbers and words, what stands for a run."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone

from assays.catalogue.models import Method
from assays.catalogue.queries import methods_by_code
from assays.catalogue.standing.marks import Measured, standing_marks
from assays.certificates.digests import digest_of_run
from assays.certificates.models import Certificate, Determination, Upload, UploadRow
from assays.certificates.rules import KEPT, Match
from assays.runs.models import Run
from lims.accounts.models import Organisation, User
from lims.errors import NotFound, Place, Problem
from samples.registry.models import Sample

#: rows that a commit takes
GOOD = Q(match__in=sorted(KEPT), problems=[])


def standing(run: Run) -> QuerySet[Certificate]:
    """Return the certificates that stand for a run: the newest version of its results, and of its own QC."""
    return Certificate.objects.standing().filter(run=run).order_by("purpose")


def version_of(run: Run) -> str:
    """Return the digest over the certificates that stand for a run: what a review is bound to."""
    return digest_of_run(standing(run).values_list("purpose", "version", "sha256", "digest"))


def determinations_of(run: Run) -> QuerySet[Determination]:
    """Return the determinations that stand for a run, with item, sample and certificate, in the file's order."""
    rows = Determination.objects.filter(certificate__in=standing(run).values("pk"))
    return rows.select_related("item__sample__tag", "item__material", "certificate").order_by(
        "certificate", "row", "column"
    )


def methods_in(run: Run) -> QuerySet[Method]:
    """Return the methods, as the catalogue knows them, by which the results that stand for a run were measured."""
    codes = Determination.objects.filter(certificate__in=standing(run).values("pk")).values("method_code")
    return Method.objects.filter(laboratory=run.laboratory_id, code__in=codes)


def accreditation_marks(run: Run) -> list[str]:
    """Return in words for which of a run's standing results their method was not accredited; three queries."""
    known = methods_by_code(run.laboratory_id)
    rows = Determination.objects.filter(certificate__in=standing(run).values("pk")).values_list(
        "method_code", "analyte", "certificate__finalized_on", "certificate__committed_at"
    )
    found = [
        Measured(known[code.casefold()].pk, code, analyte, (low, high), final or timezone.localdate(kept))
        for code, analyte, final, kept, low, high in rows.annotate(low=Min("ppm"), high=Max("ppm")).order_by()
        if code.casefold() in known
    ]
    return standing_marks({run.pk: found})[run.pk]


@dataclass(frozen=True, slots=True)
class Preview:
    """An upload in numbers, and what committing it would do, in one sentence."""

    rows: int
    samples: int
    duplicates: int
    qc: int
    unmatched: int
    rejected: int
    bad: int
    good: int
    values: int
    left: int
    sentence: str
    reissue_of: Certificate | None
    errors: list[dict[str, object]]

    @property
    def can_commit(self) -> bool:
        """Return whether there is anything to commit."""
        return self.good > 0


def _several(number: int, one: str, many: str) -> str:
    """Return a count in words: thousands are set apart by a thin space, as in 2 310.

    >>> _several(2310, "value", "values")
    '2\u202f310 values'
    """
    return f"{number:,} {one if number == 1 else many}".replace(",", "\u202f")


def left_out(upload: Upload) -> list[int]:
    """Return the numbers of the rows that a person leaves out."""
    return list(upload.understood.get("left_out", []))


def good_rows(upload: Upload) -> QuerySet[UploadRow]:
    """Return the rows that a commit would take, in order."""
    rows = UploadRow.objects.filter(GOOD, upload=upload).exclude(number__in=left_out(upload))
    return rows.select_related("sample__tag", "material").order_by("number")


def preview(upload: Upload) -> Preview:
    """Return what committing an upload would do; two queries."""
    rows = UploadRow.objects.filter(upload=upload)
    kept = GOOD & ~Q(number__in=left_out(upload))
    counts = rows.aggregate(
        rows=Count("pk"),
        samples=Count("pk", filter=kept & Q(match=Match.SAMPLE)),
        duplicates=Count("pk", filter=kept & Q(match=Match.DUPLICATE)),
        qc=Count("pk", filter=kept & Q(match__in=[Match.CRM, Match.BLANK])),
        unmatched=Count("pk", filter=Q(match=Match.UNMATCHED)),
        rejected=Count("pk", filter=Q(match=Match.REJECTED)),
        bad=Count("pk", filter=~Q(problems=[])),
    )
    good = counts["samples"] + counts["duplicates"] + counts["qc"]
    columns = len(upload.understood.get("columns", []))
    left = counts["rows"] - good
    things = [
        _several(counts["samples"], "sample", "samples"),
        *([_several(counts["duplicates"], "duplicate", "duplicates")] if counts["duplicates"] else []),
        *([_several(counts["qc"], "QC item", "QC items")] if counts["qc"] else []),
    ]
    sentence = f"Commit {', '.join(things)}, {_several(good * columns, 'value', 'values')}"
    if left:
        sentence += f"; leave {_several(left, 'row', 'rows')}"
    return Preview(
        **counts,
        good=good,
        values=good * columns,
        left=left,
        sentence=sentence,
        reissue_of=reissued(upload),
        errors=[f for f in upload.findings if f["severity"] == "error" and f["row"] is None],
    )


def reissued(upload: Upload) -> Certificate | None:
    """Return the certificate that committing the upload would supersede, if there is one."""
    if upload.laboratory_id is None or not upload.number:
        return None
    return (
        Certificate.objects.standing()
        .filter(
            run__laboratory=upload.laboratory_id,
            run__kept_by=upload.kept_by_id,
            run__number__iexact=upload.number,
            purpose=upload.purpose,
        )
        .select_related("run")
        .first()
    )


def seen_before(kept_by: Organisation, sha256: str) -> Upload | None:
    """Return the upload of the same file by the same laboratory, unless it was refused or discarded."""
    rows = Upload.objects.filter(kept_by=kept_by, sha256=sha256)
    return rows.exclude(state__in=["DISCARDED", "REFUSED"]).first()


def certificates_of(run: Run) -> QuerySet[Certificate]:
    """Return every version of a run's certificates, the newest first, each with who committed it and its successor."""
    rows = Certificate.objects.filter(run=run).select_related("committed_by", "profile", "successor")
    return rows.order_by("-committed_at", "-version")


def upload_for(user: User, pk: Any) -> Upload:
    """Return the upload, if the person may see it. Raises `NotFound` ("upload-unknown")."""
    rows = Upload.objects.visible_to(user).select_related(
        "kept_by", "laboratory", "profile", "method", "uploaded_by", "certificate__run"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound(
            Problem("upload-unknown", "There is no such upload.", "Look it up.", Place(field="upload"))
        )
    return found


def certificate_for(user: User, pk: Any) -> Certificate:
    """Return the certificate, if the person may see it. Raises `NotFound` ("certificate-unknown")."""
    rows = Certificate.objects.visible_to(user).select_related("run__laboratory", "run__kept_by")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound(
            Problem("certificate-unknown", "There is no such certificate.", "Look it up.", Place(field="id"))
        )
    return found


def reported(user: User, certificate: Certificate) -> QuerySet[Determination]:
    """Return what a certificate reported of QC items and of the samples that the person may see."""
    rows = Determination.objects.filter(certificate=certificate).select_related("item")
    seen = Sample.objects.visible_to(user).values("pk")
    return rows.filter(Q(sample=None) | Q(sample__in=seen))


def whole_certificate_for(user: User, pk: Any) -> Certificate:
    """Return the certificate, if the person may see every sample in its file. Raises `NotFound` ("certificate-unknown")."""
    found = certificate_for(user, pk)
    samples = Sample.objects.filter(determinations__certificate=found)
    if samples.exclude(pk__in=Sample.objects.visible_to(user).values("pk")).exists():
        raise NotFound(
            Problem(
                "certificate-unknown",
                "This certificate reports samples of other owners as well.",
                "Ask the laboratory for your part of it.",
                Place(field="id"),
            )
        )
    return found
