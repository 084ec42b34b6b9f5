"""Tags and filters give exactly these words and marks."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from lims.web import display
from lims.web.templatetags import ui

NOON = datetime(2026, 3, 3, 6, 30, tzinfo=UTC)


def rendered(source, **context: object):
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("mass_g", "text"),
    [
        (Decimal(2150), "2.150\u00a0kg"),
        (Decimal("0.4"), "0.000\u00a0kg"),
        (Decimal("0.6"), "0.001\u00a0kg"),
        (Decimal("2150.5"), "2.150\u00a0kg"),
        (Decimal("2151.5"), "2.152\u00a0kg"),
        (Decimal(1234567890), "1\u202f234\u202f567.890\u00a0kg"),
        (Decimal(0), "0.000\u00a0kg"),
        (None, "–"),
    ],
)
def test_mass_in_kilograms(mass_g, text):
    assert rendered("{{ mass|kg }}", mass=mass_g) == text


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=-59), "just now"),
        (timedelta(seconds=60), "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=1), "1 h ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(minutes=-40), "in 40 min"),
        (timedelta(hours=-5), "in 5 h"),
        (timedelta(days=1), "2 Mar 2026, 12:00"),
        (timedelta(days=-1), "4 Mar 2026, 12:00"),
    ],
)
def test_time_as_people_say_it(passed, text):
    with timezone.override("Asia/Kolkata"):
        assert display.briefly(NOON - passed, NOON) == text


def test_time_is_exact_on_hover_in_the_readers_zone():
    with timezone.override("Asia/Kolkata"):
        assert ui.when(NOON) == (
            '<time datetime="2026-03-03T06:30:00+00:00" title="3 Mar 2026, 12:00:00 IST">'
            + display.briefly(NOON, timezone.now())
            + "</time>"
        )
    with timezone.override("Asia/Yangon"):
        assert 'title="3 Mar 2026, 13:00:00 +0630"' in ui.when(NOON)


def test_a_day_is_no_moment():
    assert ui.when(date(2026, 3, 3)) == '<time datetime="2026-03-03">3 Mar 2026</time>'


def test_time_not_known():
    assert 'title="not known"' in ui.when(None)


@pytest.mark.parametrize(
    ("mass_g", "text"),
    [
        (Decimal("214.50"), "214.5\u00a0g"),
        (Decimal("999.99996"), "1.000\u00a0kg"),
        (Decimal(1000), "1.000\u00a0kg"),
        (Decimal("0.00005"), "0\u00a0g"),
        (Decimal(100), "100\u00a0g"),
        (Decimal(0), "0\u00a0g"),
    ],
)
def test_mass_as_people_say_it(mass_g, text):
    assert rendered("{{ mass|mass }}", mass=mass_g) == text


def test_mass_in_a_column_has_its_unit_in_the_heading():
    assert rendered("{{ mass|in_kg }}", mass=Decimal(2150)) == "2.150"
    for tag in ("in_kg", "mass"):
        assert 'title="not weighed"' in rendered(f"{{{{ mass|{tag} }}}}", mass=None)


@pytest.mark.parametrize("value", [None, "", "  "])
def test_missing_says_why(value):
    assert rendered('{{ value|missing:"not weighed" }}', value=value) == (
        '<span class="missing" title="not weighed"><span aria-hidden="true">–</span>'
        '<span class="visually-hidden">not weighed</span></span>'
    )


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (Decimal("0.00"), "0.00"), ("&", "&amp;")])
def test_what_is_there_is_shown(value, text):
    assert rendered('{{ value|missing:"why" }}', value=value) == text


@pytest.mark.parametrize(
    ("outcome", "kind", "sign", "word"),
    [
        ("FLAGGED", "flagged", "▲", "Flagged"),
        ("NOT_FLAGGED", "not-flagged", "▽", "Not flagged"),
        ("INCONCLUSIVE", "inconclusive", "?", "Inconclusive"),
        ("BLOCKED_QC", "blocked", "■", "Blocked: QC"),
        ("BLOCKED_DATA", "blocked", "■", "Blocked: data"),
    ],
)
def test_outcome_has_sign_word_and_colour(outcome, kind, sign, word):
    assert rendered("{% outcome_mark outcome %}", outcome=outcome) == (
        f'<span class="outcome outcome-{kind}"><span class="outcome-sign" aria-hidden="true">{sign}</span>{word}</span>'
    )


def test_provisional_is_dashed_and_said():
    mark = rendered('{% outcome_mark "FLAGGED" provisional=True %}')
    assert 'class="outcome outcome-flagged outcome-provisional"' in mark
    assert mark.endswith("Flagged, provisional</span>")


def test_badge_escapes_and_knows_its_tones():
    assert (
        rendered('{% badge text tone="bad" %}', text="<i>")
        == '<span class="state state-bad">&lt;i&gt;</span>'
    )
    assert rendered('{% badge "Sealed" %}') == '<span class="state state-neutral">Sealed</span>'


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ('{% icon "unicorn" %}', "unicorn"),
        ('{% badge "x" tone="pink" %}', "pink"),
        ('{% outcome_mark "MAYBE" %}', "MAYBE"),
    ],
)
def test_unknown_names_fail_loudly(source, word):
    with pytest.raises(ValueError, match=word):
        rendered(source)


def test_icon_is_decoration_unless_it_has_a_name():
    target = '<use href="/static/vendor/icons.svg#plus"></use></svg>'
    assert rendered('{% icon "plus" %}') == f'<svg class="icon" aria-hidden="true" focusable="false">{target}'
    assert (
        rendered('{% icon "plus" label="Add" %}') == f'<svg class="icon" role="img" aria-label="Add">{target}'
    )


@pytest.mark.parametrize(
    ("query", "source", "result"),
    [
        ("state=received&cursor=abc", "{% query_with mine=3 %}", "?state=received&amp;mine=3"),
        ("state=received&cursor=abc", "{% query_with cursor='n' %}", "?state=received&amp;cursor=n"),
        ("state=received&mine=3", "{% query_with state='' %}", "?mine=3"),
        ("tag=a&tag=b", "{% query_with x=0 %}", "?tag=a&amp;tag=b&amp;x=0"),
        ("q=%22%3E", "{% query_with %}", "?q=%22%3E"),
    ],
)
def test_links_keep_the_filters(query, source, result):
    assert rendered(source, request=RequestFactory().get(f"/list/?{query}")) == result


@pytest.mark.parametrize(
    ("current", "address", "direction", "icon"),
    [
        ("newest", "?state=held&amp;sort=tag", "", ""),
        ("tag", "?state=held&amp;sort=-tag", ' aria-sort="ascending"', "arrow-up"),
        ("-tag", "?state=held&amp;sort=tag", ' aria-sort="descending"', "arrow-down"),
    ],
)
def test_a_heading_orders_both_ways(current, address, direction, icon):
    html = rendered(
        '{% sort_head "Tag" current=current up="tag" down="-tag" %}',
        request=RequestFactory().get("/list/?state=held&cursor=abc"),
        current=current,
    )
    assert html.startswith(f'<th scope="col" class="sort"{direction}><a href="{address}">Tag')
    assert html.count("<svg") == bool(icon)
    assert not icon or f"icons.svg#{icon}" in html


def test_a_heading_orders_as_the_list_can():
    source = '{% sort_head "Registered" current=sort down="newest" unit=unit %}'
    request = RequestFactory().get("/list/")
    html = rendered(source, request=request, sort="newest", unit="days")
    assert html.startswith('<th scope="col" class="sort num" aria-sort="descending"><a href="?sort=newest">')
    assert "Registered, days" in html
    assert "aria-sort" not in rendered(source, request=request, sort="", unit="")
    with pytest.raises(ValueError, match="Mass"):
        rendered('{% sort_head "Mass" current="tag" %}', request=request)


class Weighing(forms.Form):
    tag = forms.CharField(help_text="On the bag.")
    mass_g = forms.DecimalField(
        label="Mass", required=False, widget=forms.NumberInput({"data-unit": "g", "class": "wide"})
    )
    basis = forms.ChoiceField(choices=[("t", "Total")], widget=forms.RadioSelect)
    sealed = forms.BooleanField()
    secret = forms.CharField(widget=forms.HiddenInput, initial="7")


def test_field_with_unit():
    html = rendered("{{ form.mass_g|field }}", form=Weighing())
    assert '<label for="id_mass_g">Mass <span class="optional">optional</span></label>' in html
    assert '<span class="unit" aria-hidden="true">g</span>' in html
    assert 'class="form-control wide"' in html
    assert "aria-describedby" not in html


def test_field_with_error_is_described_by_it():
    html = rendered("{{ form.tag|field }}", form=Weighing({}))
    assert 'aria-describedby="id_tag_help id_tag_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_tag_help"' in html
    assert "This field is required." in html.split('id="id_tag_error"')[1]


def test_choices_are_a_group_and_a_box_stands_before_its_label():
    form = Weighing()
    assert "<legend>Basis</legend>" in rendered("{{ form.basis|field }}", form=form)
    box = rendered("{{ form.sealed|field }}", form=form)
    assert box.index("<input") < box.index("<span>Sealed</span>")


def test_all_fields_hidden_ones_too():
    html = rendered("{% form_fields form %}", form=Weighing())
    assert [html.count(f'name="{name}"') for name in Weighing.base_fields] == [1, 1, 1, 1, 1]


def test_summary_of_errors_links_to_the_fields():
    form = Weighing({"mass_g": "1", "basis": "t", "sealed": "on", "secret": "7"})
    form.add_error(None, "Tag and mass <belong> together.")
    html = rendered("{% form_errors form %}", form=form)
    assert "2 things need correcting" in html
    assert "<li>Tag and mass &lt;belong&gt; together.</li>" in html
    assert '<a href="#id_tag">Tag</a>: This field is required.' in html


def test_no_summary_without_errors():
    assert rendered("{% form_errors form %}", form=Weighing()).strip() == ""


def test_a_heading_is_the_title_unless_it_says_otherwise():
    assert (
        rendered('{% block title %}Samples{% endblock %}<h1>{% again "title" %}</h1>') == "Samples<h1></h1>"
    )
    child = Template('{% extends "bare.html" %}{% block title %}Sam & co{% endblock %}')
    page = child.render(Context({"messages": []}))
    assert "<title>Sam & co · Rare-earth LIMS</title>" in page
    assert "<h1>Sam & co</h1>" in page
