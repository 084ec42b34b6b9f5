"""A desk: the technician of a laboratory that tests the batch, with files written for the tests, brought in by the verbs."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest

from tests.assays.quality.conftest import bench, blank, crm, ground, register  # noqa: F401  # fixtures
from tests.assays.runs.conftest import tested  # noqa: F401  # a fixture

#: the first row of samples in `Desk.file` without comments
FIRST = 10
Rows = Sequence[tuple[str, Sequence[str]]]


class Desk:
    """Brings certificates in, step by step and without a worker; rows are (label, texts of the cells)."""

    def __init__(self, stand: Any) -> None:
        self.bench = stand
        self.laboratory, self.technician, self.system = stand.laboratory, stand.technician, stand.system

    def file(
        self,
        rows: Rows,
        *,
        number: str = "HY26000001",
        columns: str = "ME-MS81 Dy ppm, ME-MS81 Tb ppm",
        **told: Any,
    ) -> bytes:
        """Return a certificate; `columns` are "method symbol unit", with commas between."""
        from assays.certificates.writing import WrittenColumn, als_csv  # noqa: PLC0415  # once Django is set up

        dates = {"received_on": date(2026, 1, 2), "finalized_on": date(2026, 1, 9)}
        heads = [WrittenColumn(*column.split()) for column in columns.split(",")]
        return als_csv(number=number, client="IREL", columns=heads, rows=rows, **dates | told)

    def uploaded(self, content: bytes, name: str = "certificate.csv") -> Any:
        """Upload a file as the technician."""
        from assays.certificates.services import upload_certificate  # noqa: PLC0415

        return upload_certificate(actor=self.technician, kept_by=self.laboratory, name=name, content=content)

    def read(self, upload: Any) -> Any:
        """Read an upload as its worker does; a second time after it was described."""
        from assays.certificates.services import keep_reading  # noqa: PLC0415

        return keep_reading(actor=self.system, upload=upload, reading=self.reading(upload))

    def reading(self, upload: Any) -> Any:
        """Return what stands in an upload's file, by its profile."""
        from assays.certificates.reading import Profile, read  # noqa: PLC0415
        from lims import files  # noqa: PLC0415

        profile = Profile.from_dict(upload.profile.conventions) if upload.profile else None
        return read(files.get(upload.sha256), name=upload.file_name, profile=profile)

    def described(self, upload: Any, **changed: Any) -> Any:
        """Say that the laboratory issued it, or what else is given."""
        from assays.certificates.services import describe_upload  # noqa: PLC0415

        told = {"laboratory": self.laboratory, "number": upload.number, "purpose": upload.purpose}
        return describe_upload(actor=self.technician, upload=upload, **told | changed)

    def preview(self, rows: Rows, **said: Any) -> Any:
        """Bring a file in as far as its preview, the laboratory named."""
        return self.previewed(self.file(rows, **said))

    def previewed(self, content: bytes) -> Any:
        """Bring these bytes in as far as their preview, the laboratory named."""
        upload = self.read(self.uploaded(content))
        return self.read(self.described(upload))

    def ordered(self, upload: Any, **how: Any) -> Any:
        """Order the commit of a preview."""
        from assays.certificates.services import commit_upload  # noqa: PLC0415

        return commit_upload(actor=self.technician, upload=upload, **how)

    def recorded(self, upload: Any) -> Any:
        """Commit an upload whose commit is ordered, as its worker does."""
        from assays.certificates.recording import record_certificate  # noqa: PLC0415

        reading = self.reading(upload)
        return record_certificate(actor=self.technician, upload=upload, reading=reading, tell=lambda *_: None)

    def commit(self, upload: Any, **how: Any) -> Any:
        """Order the commit and do it; return the certificate."""
        return self.recorded(self.ordered(upload, **how))

    def row(self, upload: Any, number: int = FIRST) -> Any:
        """Return a row of a preview as it stands."""
        return upload.rows.get(number=number)


@pytest.fixture
def desk(tested: Any) -> Desk:  # noqa: F811  # a fixture
    """Return the desk of the laboratory that tests the batch."""
    return Desk(tested)


@pytest.fixture
def good(desk: Desk) -> Any:
    """Return a preview of two samples with nothing wrong."""
    tags = [desk.bench.sample().tag.code for _ in range(2)]
    return desk.preview([(tags[0], ["28.4", "5"]), (tags[1], ["<0.05", "NSS"])])


@pytest.fixture
def elsewhere(desk: Desk) -> Any:
    """Return a technician of another laboratory, which is called as ALS's files call theirs."""
    from lims.accounts.models import Membership, Organisation, User  # noqa: PLC0415
    from lims.verbs import acting  # noqa: PLC0415

    with acting(desk.system, verb_name="make"):
        place = Organisation.objects.create(code="ALS", name="ALS Geochemistry Vancouver", kind="LABORATORY")
        user = User.objects.create(email="technician@als.test", name="T")
        Membership.objects.create(user=user, organisation=place, role="TECHNICIAN")
    return user


@pytest.fixture
def commas(desk: Desk) -> Any:
    """Return a profile in whose files the comma is the decimal sign."""
    from assays.catalogue.models import Profile  # noqa: PLC0415
    from lims.verbs import acting  # noqa: PLC0415

    said = {"name": "Commas", "version": 1, "rationale": "Agreed", "conventions": {"decimal_comma": True}}
    with acting(desk.system, verb_name="make"):
        return Profile.objects.create(laboratory=desk.laboratory, **said)


@pytest.fixture
def points(desk: Desk) -> Any:
    """Return another profile of the laboratory: with two of them a person chooses."""
    from assays.catalogue.models import Profile  # noqa: PLC0415
    from lims.verbs import acting  # noqa: PLC0415

    with acting(desk.system, verb_name="make"):
        return Profile.objects.create(
            laboratory=desk.laboratory, name="Points", version=1, rationale="Agreed"
        )


@pytest.fixture
def refused() -> Callable[..., list[str]]:
    """Return a function that calls a verb which must refuse, and gives "code field" of each problem."""
    from lims.errors import DomainError  # noqa: PLC0415  # as above

    def call(kind: type[DomainError], act: Callable[..., Any], **given: Any) -> list[str]:
        with pytest.raises(kind) as error:
            act(**given)
        return [f"{one.code} {one.place.field or ''}".strip() for one in error.value.problems]

    return call
