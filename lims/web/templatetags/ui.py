"""Tags and filters of the shell; built into every template, so that none needs to load them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from django import template
from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.template import Context
from django.template.loader import get_template
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lims.web import display, vendor

register = template.Library()

ICONS: Final = vendor.icon_names()
TONES: Final = frozenset({"neutral", "good", "warn", "bad", "info"})
#: decision → (class, word, sign); the signs are those of print and spreadsheets
OUTCOMES: Final = {
    "FLAGGED": ("flagged", "Flagged", "▲"),
    "NOT_FLAGGED": ("not-flagged", "Not flagged", "▽"),
    "INCONCLUSIVE": ("inconclusive", "Inconclusive", "?"),
    "BLOCKED_QC": ("blocked", "Blocked: QC", "■"),
    "BLOCKED_DATA": ("blocked", "Blocked: data", "■"),
}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Return an icon of the sprite; with a `label` it is an image that screen readers name."""
    if name not in ICONS:
        raise ValueError(f"There is no icon “{name}”: add it to icons.txt and make the sprite anew.")
    target = f"{static('vendor/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, target
        )
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', target
    )


@register.simple_tag(takes_context=True)
def again(context: Context, name: str) -> SafeString:
    """Return the content of the block `name` once more: a page's heading is its title unless it says otherwise."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block(name) if blocks else None
    return block.nodelist.render(context) if block else SafeString("")


@register.filter
def when(at: datetime | date | None) -> SafeString:
    """Return a time in the reader's zone: relative within a day, exact on hover; a day as it is."""
    if at is None:
        return _dash("not known")
    if not isinstance(at, datetime):
        return format_html('<time datetime="{}">{}</time>', at.isoformat(), f"{at.day} {at:%b %Y}")
    text = display.briefly(at, timezone.now())
    utc = at.astimezone(UTC).isoformat()
    return format_html('<time datetime="{}" title="{}">{}</time>', utc, display.exactly(at), text)


@register.filter
def kg(mass_g: Decimal | None) -> str:
    """Return a mass in grams as "2.150 kg"; an en dash when it is not known."""
    text = display.kilograms(mass_g)
    return text if mass_g is None else f"{text}\u00a0kg"


@register.filter
def in_kg(mass_g: Decimal | None) -> str:
    """Return a mass in grams as "2.150", for a column headed "Mass, kg"; an en dash when it is not known."""
    return display.kilograms(mass_g) if mass_g is not None else _dash("not weighed")


@register.filter
def mass(mass_g: Decimal | None) -> str:
    """Return a mass in grams as people say it: "214.5 g", "2.150 kg"; an en dash when it is not known."""
    return "\u00a0".join(display.mass(mass_g)) if mass_g is not None else _dash("not weighed")


@register.filter
def plain(value: Decimal | None) -> str:
    """Return a number with the digits that say something, never as a power of ten; an en dash for none.

    >>> plain(Decimal("5.000")), plain(Decimal("-0.0")), plain(Decimal("2E+4"))
    ('5', '0', '20000')
    """
    if value is None:
        return _dash("")
    return format(value.normalize() + 0, "f")


@register.filter
def figure(value: Decimal | None, uncertainty: Decimal | None = None) -> SafeString:
    """Return a value rounded to two significant figures of its uncertainty; all its digits on hover."""
    if value is None:
        return _dash("no value")
    exact = f"{value:f}" if not uncertainty else f"{value:f} ± {uncertainty:f}"
    return format_html('<span class="figure" title="{}">{}</span>', exact, display.figure(value, uncertainty))


@register.filter
def below(limit: Decimal) -> SafeString:
    """Return that a value is below this limit of detection: "< 0.05"; never nought, never a dash."""
    return format_html(
        '<span class="below" title="below the limit of detection"><span aria-hidden="true">&lt;\u00a0{0}</span>'
        '<span class="visually-hidden">below {0}</span></span>',
        f"{limit:f}",
    )


@register.inclusion_tag("components/sort_head.html", takes_context=True)
def sort_head(
    context: Context, label: str, current: str, up: str = "", down: str = "", unit: str = ""
) -> dict[str, Any]:
    """Return a heading cell that orders its table.

    `up` and `down` are the list's keys of the ascending and the descending order: give those that it has (an
    indexed order each). `current` is the order in force. `unit` makes it a column of numbers, right-aligned.
    """
    first, second = (up, down) if up else (down, "")
    if not first:
        raise ValueError(f"The heading “{label}” orders by nothing: give it up or down.")
    direction = {up: "ascending", down: "descending"}.get(current, "") if current else ""
    wanted = second if second and current == first else first
    return {
        "label": label,
        "unit": unit,
        "direction": direction,
        "address": query_with(context, sort=wanted),
    }


@register.filter
def missing(value: Any, reason: str = "") -> Any:
    """Return the value, or an en dash that says on hover why there is none."""
    return _dash(reason) if display.is_missing(value) else value


def _dash(reason: str) -> SafeString:
    return format_html(
        '<span class="missing" title="{}"><span aria-hidden="true">–</span>'
        '<span class="visually-hidden">{}</span></span>',
        reason,
        reason or "none",
    )


@register.simple_tag
def outcome_mark(outcome: str, provisional: bool = False) -> SafeString:  # noqa: FBT001, FBT002  # a tag's argument
    """Return the mark of a decision: sign, word and colour; a dashed outline while it is provisional."""
    if str(outcome) not in OUTCOMES:
        raise ValueError(f"“{outcome}” is no outcome of a decision.")
    kind, word, sign = OUTCOMES[str(outcome)]
    return format_html(
        '<span class="outcome outcome-{}{}"><span class="outcome-sign" aria-hidden="true">{}</span>{}{}</span>',
        kind,
        " outcome-provisional" if provisional else "",
        sign,
        word,
        ", provisional" if provisional else "",
    )


@register.simple_tag
def badge(text: Any, tone: str = "neutral") -> SafeString:
    """Return a word of state with a dot in its tone: neutral, good, warn, bad or info."""
    if tone not in TONES:
        raise ValueError(f"“{tone}” is no tone: use one of {', '.join(sorted(TONES))}.")
    return format_html('<span class="state state-{}">{}</span>', tone, text)


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: Any) -> str:
    """Return this page's query with some keys changed, empty ones left out; other lists start at page one."""
    query = context["request"].GET.copy()
    query.pop("cursor", None)
    for key, value in changes.items():
        query.pop(key, None)
        if not display.is_missing(value):
            query[key] = str(value)
    return f"?{query.urlencode()}"


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: BaseForm) -> dict[str, Any]:
    """Return the summary of what is wrong with a form, each with a link to its field."""
    fields = [bound for bound in form if bound.errors]
    return {"form": form, "fields": fields, "count": len(fields) + len(form.non_field_errors())}


@register.inclusion_tag("components/form_fields.html")
def form_fields(form: BaseForm) -> dict[str, Any]:
    """Return all fields of a form, one below the other."""
    return {"form": form}


def _kind(bound: BoundField) -> str:
    """Return the layout that the widget needs: text, select, check (one box) or choices (several)."""
    widget = bound.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, CheckboxInput):
        return "check"
    return "select" if isinstance(widget, Select) else "text"


def _attributes(bound: BoundField, kind: str) -> dict[str, str]:
    style = {"select": "form-select", "text": "form-control"}.get(kind, "form-check-input")
    own = str(bound.field.widget.attrs.get("class", ""))
    wrong = "is-invalid" if bound.errors else ""
    attributes = {"class": " ".join(filter(None, [style, own, wrong]))}
    described = [f"{bound.auto_id}_help"] if bound.help_text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    if described:
        attributes["aria-describedby"] = " ".join(described)
    return attributes


@register.filter
def field(bound: BoundField) -> str:
    """Return one field: label, widget with its unit inside, help and error beside it."""
    kind = _kind(bound)
    attributes = _attributes(bound, kind)
    context = {
        "bound": bound,
        "kind": kind,
        "unit": bound.field.widget.attrs.get("data-unit", ""),
        "widget": bound.as_widget(attrs=dict(attributes)),
        "described_by": attributes.get("aria-describedby", ""),
    }
    return get_template("components/field.html").render(context)
