"""What became of a portion, told from first to last: made, prepared, split, stored, used, gone."""

from typing import Any, Final

from assays.runs.models import Portion
from assays.runs.portions.rules import fineness_warning, grams, percent
from assays.runs.rules import PortionEventKind, Step

_ICONS: Final = {
    PortionEventKind.STORED: ("archive", "neutral"),
    PortionEventKind.USED: ("flask", "neutral"),
    PortionEventKind.RETURNED: ("truck", "info"),
    PortionEventKind.DISPOSED: ("trash", "warn"),
}


def told_of(portion: Portion) -> list[dict[str, Any]]:
    """Return the entries of a portion's timeline, the oldest first; three queries."""
    entries = [_made(portion), *_steps(portion), *_splits(portion), *_events(portion)]
    return sorted(entries, key=lambda entry: (entry["at"], entry["key"]))


def _entry(row: Any, icon: str, tone: str, title: str, detail: str = "") -> dict[str, Any]:
    who = row.recorded_by.name if row.recorded_by else ""
    return {
        "at": row.at,
        "key": str(row.pk),
        "icon": icon,
        "tone": tone,
        "title": title,
        "detail": detail,
        "who": who,
    }


def _made(portion: Portion) -> dict[str, Any]:
    how = "Taken up" if portion.parent_id is None else "Split off"
    who = portion.created_by.name if portion.created_by else ""
    title = f"{how}, {grams(portion.made_g)}"
    return {"at": portion.made_at, "key": "", "icon": "package", "tone": "good", "title": title, "who": who}


def _steps(portion: Portion) -> list[dict[str, Any]]:
    found = []
    for row in portion.preparations.select_related("equipment", "recorded_by"):
        lost = row.before_g - row.after_g
        facts = [
            f"{grams(row.before_g)} to {grams(row.after_g)}, {grams(lost)} lost ({percent(lost, row.before_g)} %)"
        ]
        if row.temperature_c is not None:
            facts.append(f"{row.temperature_c.normalize():f} °C")
        if row.minutes is not None:
            facts.append(f"{row.minutes} min")
        warning = fineness_warning(Step(row.step), row.sieve_um, row.passing_pct)
        if row.sieve_um is not None and row.passing_pct is not None:
            passed = f"{row.passing_pct.normalize():f} % passed {row.sieve_um} µm"
            facts += [] if warning.startswith(passed) else [passed]
        facts += [str(part) for part in (row.equipment, row.note) if part]
        detail = ". ".join([", ".join(facts), *([warning] if warning else [])])
        tone = "warn" if warning else "neutral"
        found.append(_entry(row, "tool", tone, row.get_step_display(), detail))
    return found


def _splits(portion: Portion) -> list[dict[str, Any]]:
    found = []
    for row in portion.splits.select_related("recorded_by").prefetch_related("portions"):
        parts = ", ".join(f"{part.label} {grams(part.made_g)}" for part in row.portions.all())
        lost = f"{grams(row.loss_g)} lost ({percent(row.loss_g, row.mass_g)} %)"
        detail = ". ".join(part for part in (f"{parts}; {lost}", row.method, row.note) if part)
        found.append(_entry(row, "arrow-right", "neutral", f"Split, {grams(row.mass_g)} of it", detail))
    return found


def _events(portion: Portion) -> list[dict[str, Any]]:
    found = []
    for row in portion.events.select_related("place", "recorded_by"):
        icon, tone = _ICONS[PortionEventKind(row.kind)]
        title = row.get_kind_display()
        if row.place is not None:
            title = f"{title}: {row.place}"
        elif row.mass_g is not None:
            title = f"{title}, {grams(row.mass_g)}"
        found.append(_entry(row, icon, tone, title, row.reason))
    return found
