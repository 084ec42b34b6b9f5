"""Profiles: what may be said, versions, who says it, and which one reads a file."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.catalogue.models import Profile
from assays.catalogue.queries import newest_profiles, profile_for
from assays.certificates.preview.layouts import conventions_of
from assays.certificates.profiles.services import add_profile
from assays.certificates.profiles.words import checked, in_words
from assays.chemistry.cells import Conventions, read_cell
from assays.demonstration.due import do_due
from lims.errors import Conflict, Invalid, NotPermitted

pytestmark = pytest.mark.django_db
TEXTS = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=12)


@given(st.sets(TEXTS, max_size=5), st.booleans(), st.booleans())
def test_what_is_said_is_what_cells_are_read_by(below, minus, zero):
    meant = checked({"below": sorted(below), "leading_minus_below": minus, "zero_below": zero})
    assert Conventions.from_dict(meant.as_dict()) == meant
    for text in below:
        assert read_cell(text, meant).qualifier == "<"
    assert bool(in_words(meant))


@pytest.mark.parametrize(
    ("data", "code", "field"),
    [
        ({"below": ["X"], "not_analysed": ["x"]}, "convention-twice", "not_analysed"),
        ({"belov": ["X"]}, "convention-unknown", "belov"),
        ({"below": "X"}, "convention-malformed", "below"),
        ({"below": [""]}, "text-unreadable", "below"),
        ({"not_analysed": ["9" * 61]}, "text-too-long", "not_analysed"),
    ],
)
def test_what_no_profile_says_is_named(data, code, field):
    with pytest.raises(Invalid) as error:
        checked(data)
    problem = error.value.problems[0]
    assert (problem.code, problem.place.field) == (code, field)


def _add(desk, name="Agreed", **more):
    told = {"conventions": {"below": ["BDL"]}, "rationale": "Mail of 3 March"} | more
    return add_profile(actor=desk.technician, laboratory=desk.laboratory, name=name, **told)


def test_a_name_that_is_known_gets_its_next_version_and_the_earlier_stays(desk):
    first = _add(desk)
    second = _add(desk, name=" agreed ", conventions={"below": ["BDL", "ND"]})
    assert (first.version, second.version, second.name) == (1, 2, "Agreed")
    assert newest_profiles(desk.laboratory) == [second]
    with pytest.raises(Conflict) as error:
        _add(desk, conventions={"below": ["nd", "bdl"]})
    assert error.value.problems[0].code == "profile-same"
    assert Profile.objects.filter(laboratory=desk.laboratory).count() == 2


def test_a_file_is_read_by_the_version_in_force_on_its_day(desk):
    first = _add(desk)
    later = _add(desk, conventions={"zero_below": True}, valid_from=date(2030, 1, 1))
    assert profile_for(desk.laboratory, date(2029, 12, 31)) == first
    assert profile_for(desk.laboratory, date(2030, 1, 1)) == later


def test_a_profile_of_the_method_goes_first_and_two_are_a_question_for_a_person(desk):
    method, on = desk.bench.method("XRF1"), date(2031, 1, 1)
    plain, of_method = _add(desk), _add(desk, name="By MS", method=method)
    assert profile_for(desk.laboratory, on) == plain
    assert profile_for(desk.laboratory, on, method) == of_method
    _add(desk, name="Another", conventions={"decimal_comma": True})
    assert profile_for(desk.laboratory, on) is None


def test_the_only_profile_in_force_reads_a_file_as_soon_as_its_laboratory_is_known(desk):
    profile = _add(desk, conventions={"decimal_comma": True})
    upload = desk.read(desk.uploaded(b"Sample;Dy ppm\nZZ1;36,5\n"))
    assert [one["code"] for one in desk.row(upload, 2).problems] == ["id-unmatched", "decimal-comma"]
    upload = desk.read(desk.described(upload, number="J1"))
    assert upload.profile == profile
    assert [one["code"] for one in desk.row(upload, 2).problems] == ["id-unmatched"]
    plain = desk.described(upload, profile=None)
    assert plain.profile is None, "a person who chose among them has the last word"


def test_a_file_that_names_its_laboratory_is_read_by_its_profile_at_once(desk, elsewhere):
    issuer = elsewhere.memberships.get().organisation
    made = add_profile(
        actor=elsewhere, laboratory=issuer, name="Said", conventions={"below": ["X"]}, rationale="Asked them"
    )
    upload = desk.uploaded(desk.file([("ZZ1", ["X", "1"])]))
    do_due()
    upload.refresh_from_db()
    assert upload.profile == made
    assert upload.laboratory == issuer


def test_others_say_nothing_for_a_laboratory(desk, elsewhere):
    with pytest.raises(NotPermitted):
        add_profile(actor=elsewhere, laboratory=desk.laboratory, name="X", conventions={}, rationale="I know")


def test_a_further_version_keeps_the_layout_that_was_taught(desk):
    from lims.verbs import acting  # noqa: PLC0415

    layout = {
        "headings_row": 1,
        "headings_rows": 1,
        "sample_column": 1,
        "type_column": None,
        "columns": [{"column": 2, "symbol": "Dy", "unit": "ppm", "method": ""}],
        "decimal_comma": False,
        "headings_sha256": "a" * 64,
    }
    with acting(desk.system, verb_name="make"):
        Profile.objects.create(
            laboratory=desk.laboratory,
            name="Taught",
            version=1,
            rationale="x",
            mapping=layout,
            headings_sha256="a" * 64,
        )
    made = _add(desk, name="Taught")
    assert made.mapping == layout
    assert conventions_of(made).below == {"bdl"}
    assert profile_for(desk.laboratory, date(2031, 1, 1)) is None, "known by its headings"


def test_a_person_says_it_on_the_page_and_sees_every_version(desk, signed_in):
    client = signed_in(desk.technician)
    form = {
        "laboratory": str(desk.laboratory.pk),
        "name": "Said",
        "below": "X, bdl",
        "rationale": "Asked them",
    }
    answer = client.post("/certificates/profiles/add/", form)
    assert answer.status_code == 302
    shown = client.get(answer.url).content.decode()
    assert "“bdl”, “x” mean below the detection limit." in shown
    made = Profile.objects.get(name="Said")
    again = client.get(f"/certificates/profiles/add/?of={made.pk}").content.decode()
    assert "bdl, x" in again
    refused = client.post(f"/certificates/profiles/add/?of={made.pk}", form)
    assert refused.status_code == 422
    assert "says the same" in refused.content.decode()
    assert "Said" in client.get("/certificates/profiles/").content.decode()


def test_the_same_over_the_api(desk, signed_in):
    client = signed_in(desk.technician)
    told = {
        "laboratory": str(desk.laboratory.pk),
        "name": "Over the API",
        "conventions": {"zero_below": True},
        "rationale": "Their manual, page 4",
    }
    made = client.post("/api/v1/profiles/", told, content_type="application/json")
    assert made.status_code == 201, made.content
    assert made.json()["words"] == ["A zero means below the detection limit."]
    told["conventions"] = ["zero"]
    assert client.post("/api/v1/profiles/", told, content_type="application/json").status_code == 422
    assert client.get("/api/v1/profiles/").json()["results"][0]["name"] == "Over the API"
