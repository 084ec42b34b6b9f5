"""Lots: their state on a day, which one was used, retirement, makers' certificates, and values from a file."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from assays.catalogue import queries
from assays.catalogue import services as catalogue
from assays.catalogue.library import services
from assays.catalogue.library.values import read_values
from assays.catalogue.models import CertifiedValue, ReferenceMaterial
from assays.catalogue.rules import LotState, lot_on, lot_state
from lims import files
from lims.errors import Conflict, Invalid, NotPermitted
from lims.verbs import SystemActor
from tests.assays.catalogue.library.test_values import GOOD, HEAD

TESTS = SystemActor("tests")
DAY = date(2026, 3, 9)
DAYS = st.none() | st.dates(date(2025, 1, 1), date(2028, 1, 1))
PDF = b"%PDF-1.7 a certificate"


def lot(expires_on=None, retired_on=None, created=1):
    return SimpleNamespace(
        expires_on=expires_on, retired_on=retired_on, created_at=datetime(2026, 1, created, tzinfo=UTC)
    )


def url(name, *args):
    return reverse(f"catalogue:{name}", args=args)


def text_of(answer):
    return " ".join(answer.content.decode().split())


def added(lot_name="A", **more):
    given = {
        "actor": TESTS,
        "code": "RM 20",
        "kind": "CRM",
        "description": "Clay",
        "maker": "Somebody",
        "lot": lot_name,
    }
    return catalogue.add_material(**(given | more))


# --- Rules ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expires_on", "retired_on", "state"),
    [
        (None, None, LotState.IN_USE),
        (date(2026, 3, 8), None, LotState.EXPIRED),
        (DAY, None, LotState.EXPIRES_SOON),
        (date(2026, 5, 8), None, LotState.EXPIRES_SOON),
        (date(2026, 5, 9), None, LotState.IN_USE),
        (None, DAY, LotState.RETIRED),
        (None, date(2026, 3, 10), LotState.IN_USE),
        (date(2026, 3, 8), DAY, LotState.RETIRED),
    ],
)
def test_how_a_lot_stands_on_a_day(expires_on, retired_on, state):
    assert lot_state(lot(expires_on, retired_on), DAY) == state


def test_of_several_lots_the_one_in_use_then():
    old, new = lot(retired_on=date(2026, 4, 1)), lot(created=20)
    assert lot_on([old, new], DAY) is old
    assert lot_on([old, new], date(2026, 4, 1)) is new
    assert lot_on([lot(date(2026, 3, 1)), new], DAY) is new
    assert lot_on([], DAY) is None


@given(st.lists(st.tuples(DAYS, DAYS, st.integers(1, 28)), min_size=1, max_size=6))
def test_a_lot_that_could_be_used_goes_before_every_one_that_could_not(given_lots):
    lots = [lot(*one) for one in given_lots]
    usable = {LotState.IN_USE, LotState.EXPIRES_SOON}
    chosen = lot_on(lots, DAY)
    assert chosen is not None
    assert (lot_state(chosen, DAY) in usable) == any(lot_state(one, DAY) in usable for one in lots)


# --- Verbs ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_lot_is_retired_once_with_its_reason():
    made = services.retire_lot(actor=TESTS, material=added(), on=DAY, reason=" Used  up ")
    made.refresh_from_db()
    assert (made.retired_on, made.retired_reason) == (DAY, "Used up")
    with pytest.raises(Conflict) as refused:
        services.retire_lot(actor=TESTS, material=made, on=DAY, reason="x")
    assert refused.value.problems[0].code == "lot-retired"


@pytest.mark.django_db
def test_which_lot_a_day_means_is_asked_by_any_of_its_names():
    old, new = added("A", also=["Standard 20"]), added("B", also=["Standard 20"])
    services.retire_lot(actor=TESTS, material=old, on=date(2026, 4, 1), reason="Used up")
    assert queries.lot_for("rm-20", DAY) == old
    assert queries.lot_for("STANDARD 20", date(2026, 5, 1)) == new
    assert queries.materials_by_key(DAY)["rm20"] == old
    assert queries.lot_for("RM 21", DAY) is None


@pytest.mark.django_db
def test_the_makers_certificate_is_kept_with_its_hash():
    made = services.keep_certificate(
        actor=TESTS, material=added(), name="a/b.pdf", content=PDF, certificate="C-1"
    )
    assert (made.file_name, made.certificate, files.get(made.file_sha256)) == ("ab.pdf", "C-1", PDF)
    later = services.keep_certificate(actor=TESTS, material=made, name="c.pdf", content=PDF + b"2")
    assert (later.certificate, files.get(made.file_sha256)) == ("C-1", PDF)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "file-empty"), (b"MZ", "file-unreadable"), (b"%PDF" + b"x" * 10 * 1024**2, "file-too-large")],
)
def test_what_is_no_certificate_is_refused(content, code):
    with pytest.raises(Invalid) as refused:
        services.keep_certificate(actor=TESTS, material=added(), name="a.pdf", content=content)
    assert refused.value.problems[0].code == code


@pytest.mark.django_db
def test_only_who_keeps_the_catalogue_may(person):
    made = added()
    for act, more in (
        (services.retire_lot, {"material": made, "on": DAY, "reason": "x"}),
        (services.keep_certificate, {"material": made, "name": "x", "content": PDF}),
        (services.import_values, {"rows": []}),
    ):
        with pytest.raises(NotPermitted):
            act(actor=person("technician", "nfc"), **more)


def rows(*lines):
    return read_values("\n".join([HEAD, *lines]).encode()).rows


@pytest.mark.django_db
def test_a_file_brings_new_lots_and_their_values_and_twice_it_changes_nothing():
    given = rows(GOOD, GOOD.replace("Dy,Dy2O3", "Tb,"), GOOD.replace("RM 1,A", "RM 2,"))
    made = services.import_values(actor=TESTS, rows=given)
    assert (made.lots, made.values, made.problems) == (2, 3, ())
    material = ReferenceMaterial.objects.get(code="RM 1")
    assert (material.lot, material.expires_on, material.certificate) == ("A", date(2027, 12, 31), "C-1")
    value = CertifiedValue.objects.get(material=material, analyte="Dy")
    assert (value.oxide, value.value_ppm, value.u95_ppm) == ("Dy2O3", Decimal("27.5"), Decimal("0.3"))
    again = services.import_values(actor=TESTS, rows=given)
    assert (again.lots, again.values, again.problems) == (0, 0, ())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("line", "code"),
    [
        (GOOD.replace("27.5", "28"), "value-differs"),
        (GOOD.replace("CRM", "BLANK").replace("Dy,Dy2O3", "Tb,"), "material-kind-differs"),
        (GOOD.replace("RM 1,A,CRM,Somebody,Clay", "RM 9,A,CRM,,"), "lot-unknown"),
        (GOOD.replace("RM 1,A", "rm-1,A"), "material-name-taken"),
    ],
)
def test_what_contradicts_the_library_is_named_and_the_rest_kept(line, code):
    services.import_values(actor=TESTS, rows=rows(GOOD))
    made = services.import_values(actor=TESTS, rows=rows(line, GOOD.replace("Dy,Dy2O3", "La,")))
    assert [(one.code, one.place.row) for one in made.problems] == [(code, 2)]
    assert made.values == 1


# --- Pages, command, API ----------------------------------------------------------------------------


@pytest.fixture
def manager(signed_in, person):
    return signed_in(person("manager", "nfc"))


@pytest.mark.django_db
def test_a_file_is_shown_before_anything_is_kept(manager):
    content = "\n".join([HEAD, GOOD, GOOD.replace("Dy,Dy2O3", "Xx,")]).encode()
    answer = manager.post(url("values"), {"file": SimpleUploadedFile("v.csv", content)})
    text = text_of(answer)
    assert "Keep 1 value; leave 1 row" in text
    assert "“Xx” is no element known here." in text
    assert not ReferenceMaterial.objects.exists()
    done = manager.post(url("keep_values"), {"token": answer.context["token"]})
    assert done["Location"] == url("materials")
    assert CertifiedValue.objects.count() == 1


@pytest.mark.django_db
def test_a_preview_is_nobody_elses(manager, signed_in, person):
    content = f"{HEAD}\n{GOOD}".encode()
    token = manager.post(url("values"), {"file": SimpleUploadedFile("v.csv", content)}).context["token"]
    other = signed_in(person("administrator", "irel"))
    for tried in (token, token + "x", ""):
        assert other.post(url("keep_values"), {"token": tried}).status_code == 422
    assert not CertifiedValue.objects.exists()


@pytest.mark.django_db
def test_a_file_that_cannot_be_read_is_refused_beside_the_form(manager):
    answer = manager.post(url("values"), {"file": SimpleUploadedFile("v.csv", b"a,b\n1,2")})
    assert answer.status_code == 422
    assert "The file has no column code" in text_of(answer)


@pytest.mark.django_db
def test_the_page_of_a_lot_retires_it_and_keeps_its_certificate(manager):
    made = added(expires_on=timezone.localdate())
    page = url("material", made.pk)
    assert "Expires soon" in text_of(manager.get(page))
    manager.post(
        url("keep_certificate", made.pk), {"certificate": "C-9", "file": SimpleUploadedFile("c.pdf", PDF)}
    )
    answer = manager.get(url("certificate", made.pk))
    assert (answer.content, answer["Content-Type"]) == (PDF, "application/pdf")
    assert manager.post(url("retire", made.pk), {"on": "", "reason": ""}).status_code == 422
    manager.post(url("retire", made.pk), {"on": timezone.localdate().isoformat(), "reason": "Used up"})
    text = text_of(manager.get(page))
    assert "Retired" in text
    assert "Used up" in text
    assert "Retire this lot" not in text


@pytest.mark.django_db
def test_the_list_is_narrowed_by_kind_and_state(manager):
    added("A", expires_on=date(2020, 1, 1))
    added("B")
    assert text_of(manager.get(url("materials"))).count("RM 20") == 2
    assert text_of(manager.get(url("materials"), {"state": "EXPIRED"})).count("RM 20") == 1
    assert "No material like this" in text_of(manager.get(url("materials"), {"kind": "BLANK"}))
    for state in LotState:
        assert manager.get(url("materials"), {"state": state}).status_code == 200


@pytest.mark.django_db
def test_the_list_agrees_with_the_rule_on_every_state():
    today = timezone.localdate()
    for number, expires in enumerate([None, -1, 0, 30, 60, 61]):
        for retired in (None, -1, 0, 1):
            made = added(f"{number}{retired}", expires_on=None if expires is None else _days(today, expires))
            if retired is not None:
                services.retire_lot(actor=TESTS, material=made, on=_days(today, retired), reason="x")
    for state in LotState:
        found = set(queries.materials_where(kind="", state=state, on=today))
        assert found == {one for one in ReferenceMaterial.objects.all() if lot_state(one, today) == state}


def _days(today, days):
    return date.fromordinal(today.toordinal() + days)


@pytest.mark.django_db
def test_the_template_is_given(manager):
    assert manager.get(url("values_template")).content.decode("utf-8-sig").startswith("code,lot,kind")


@pytest.mark.django_db
@pytest.mark.parametrize(("commit", "kept"), [((), 0), (("--commit",), 1)])
def test_the_command_keeps_only_when_told(tmp_path, capsys, person, commit, kept):
    path = tmp_path / "v.csv"
    path.write_text(f"{HEAD}\n{GOOD}\n{GOOD.replace('Dy,Dy2O3', 'Xx,')}")
    with pytest.raises(SystemExit) as ended:
        call_command("import_reference_values", str(path), "--as", person("manager", "nfc").email, *commit)
    told = json.loads(capsys.readouterr().out)
    assert ended.value.code == 1
    assert (told["read"], told["good"], CertifiedValue.objects.count()) == (2, 1, kept)
    assert told["problems"][0]["code"] == "analyte-unknown"


@pytest.mark.django_db
@pytest.mark.parametrize("arguments", [["nowhere.csv"], ["--commit"]])
def test_the_command_refuses_by_name(tmp_path, capsys, arguments):
    path = tmp_path / "v.csv"
    path.write_text(f"{HEAD}\n{GOOD}")
    given = [str(tmp_path / arguments[0])] if arguments[0].endswith(".csv") else [str(path), *arguments]
    with pytest.raises(SystemExit) as ended:
        call_command("import_reference_values", *given)
    assert ended.value.code == 2
    assert json.loads(capsys.readouterr().err)["code"] in {"file-missing", "person-unknown"}


@pytest.mark.django_db
def test_the_api_reads_keeps_and_retires(manager):
    address = reverse("api-material-import-values")
    given = {"csv": f"{HEAD}\n{GOOD}"}
    told = manager.post(address, given, content_type="application/json").json()
    assert (told["good"], told["values"], CertifiedValue.objects.count()) == (1, 0, 0)
    told = manager.post(address, given | {"commit": True}, content_type="application/json").json()
    assert (told["lots"], told["values"], told["problems"]) == (1, 1, [])
    made = ReferenceMaterial.objects.get()
    answer = manager.post(
        reverse("api-material-retire", args=[made.pk]),
        {"on": "2026-03-09", "reason": "Used up"},
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["retired_on"]) == (200, "2026-03-09")
