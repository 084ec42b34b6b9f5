"""What a certificate says above its table: number, dates, stated count, comments, in any order and of any length."""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from assays.certificates.reading.model import Finding, Reading

_FORMATS: Final = (
    "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y/%m/%d", "%d-%b-%Y", "%d %b %Y", "%d-%B-%Y", "%d %B %Y",
    "%b %d, %Y", "%B %d, %Y", "%d-%b-%y", "%d.%m.%Y",
)  # fmt: skip
#: which of the first two is the month, only numbers can tell: 15/3/2026 and 3/15/2026, and never 3/4/2026
_SLASHED: Final = re.compile(r"(?P<a>[0-9]{1,2})[/-](?P<b>[0-9]{1,2})[/-](?P<year>[0-9]{4})")
_REISSUE: Final = re.compile(
    # "corrected for interference" is chemistry, not a re-issue
    r"correct(?!ed\s+for\b|ion\s+for\b)|re-?issue|supersede|amend|replace|revis",
    re.IGNORECASE,
)
_PRELIMINARY: Final = re.compile(r"\b(?:prelim|interim|partial|draft)", re.IGNORECASE)
_REISSUED: Final = re.compile(
    r"\W*(?:corrected|re-?issued?|revised|amended|supersedes?|replaces)\b", re.IGNORECASE
)
#: characters of a certificate's number that the record keeps
LONGEST_NUMBER: Final = 60
#: a number with its status behind it
_NUMBER: Final = re.compile(r"(?P<number>\S.*?)\s*(?:-|\()\s*(?P<status>finali?[sz]?e?d?|prelim\w*|interim|draft)\)?", re.IGNORECASE)  # fmt: skip
_COUNT: Final = re.compile(r"[0-9]{1,7}(?![0-9.,])")
_COMMENTS: Final = re.compile(r"\"?(?:CERTIFICATE\s+)?(?:COMMENTS?|REMARKS?)\"?\s*[:,]\s*(?P<text>.*)", re.IGNORECASE | re.DOTALL)  # fmt: skip
#: what a line that says something else begins with: the comments end there
_NEXT: Final = re.compile(
    r"\"?(?:PO\s+NUMBER|PROJECT|CLIENT|#\s*(?:of\s*)?SAMPLES|DATE\b[^:,]*|REPORT\b[^:,]*|STATUS|COA|LAB\s*JOB\s*NO|DESPATCH\s*NO)\"?\s*[:,]",
    re.IGNORECASE,
)
COUNTS: Final = ("ofsamples", "noofsamples", "numberofsamples", "samples", "samplecount")
RECEIVED: Final = (
    "datereceived",
    "received",
    "samplesreceived",
    "receiveddate",
    "dateofreceipt",
    "datesamplesreceived",
)
FINALIZED: Final = (
    "datefinalized", "datefinalised", "reportdate", "datereported", "datecompleted", "datefinal", "finalized",
    "dateofreport", "dateissued", "issuedate", "date",
)  # fmt: skip
STATUSES: Final = ("status", "reportstatus", "certificatestatus", "reporttype")
#: names that begin something of their own also where they stand behind others on one line
_INNER: Final = frozenset(
    {*COUNTS[:3], *RECEIVED[:1], *FINALIZED[:6], "reportnumber", "coa", "client", "project", "ponumber", "labjobno", "despatchno"}
)  # fmt: skip
_APART: Final = re.compile(r"\s{2,}|\s+(?=DATE\s)", re.IGNORECASE)


def key_of(text: str) -> str:
    """Return a heading or a name without case, blanks and signs, to compare it by.

    >>> key_of(" Det. Lim "), key_of("# of SAMPLES :")
    ('detlim', 'ofsamples')
    """
    return "".join(sign for sign in text.casefold() if sign.isalnum())


@dataclass(frozen=True, slots=True)
class Preamble:
    """The rows above a table: each as its text, and as a name with what it says, where it is of that kind."""

    lines: Sequence[str]
    entries: Sequence[tuple[int, str, str]]

    @classmethod
    def of(cls, rows: Iterable[Sequence[str]]) -> "Preamble":
        """Return the preamble of these rows, which begin at row 1 of the file."""
        lines, entries = [], []
        for number, row in enumerate(rows, 1):
            lines.append(",".join(row).rstrip(",").strip())
            entries += [(number, name, text) for name, text in _pairs(row)]
        return cls(lines, entries)

    def said(self, *names: str) -> str:
        """Return what the first of these names says, in the order of the names; "" without any."""
        return next((text for name in names for _, key, text in self.entries if key == name and text), "")

    def number(self, *names: str) -> tuple[str, str]:
        """Return the certificate's number by the first of these names, and the status behind it, if any."""
        said = self.said(*names)[:LONGEST_NUMBER]
        found = _NUMBER.fullmatch(said)
        return (said, "") if found is None else (found["number"], found["status"])

    def has(self, *names: str) -> bool:
        """Return whether a row has one of these names."""
        return any(key in names for _, key, _ in self.entries)

    def count(self) -> int | None:
        """Return how many samples the file says it has; None where it says nothing."""
        found = _COUNT.match(self.said(*COUNTS))
        return int(found[0]) if found else None

    def preliminary(self) -> bool:
        """Return whether it says of itself that it is not final."""
        return bool(_PRELIMINARY.search(self.said(*STATUSES)) or any(map(_PRELIMINARY.match, self.lines[:1])))

    def reissue(self) -> str:
        """Return what says that the certificate was issued before, in its comments or on a line; "" without."""
        comments = self.comments()
        if is_reissue(comments):
            return comments
        stated = next((line for line in self.lines if _REISSUED.match(line)), "")
        for name, first in (("version", 1), ("revision", 0)):
            number = self.said(name)
            if not stated and number.isdecimal() and int(number) > first:
                stated = f"{name} {number}"
        return stated.strip('" ')

    def begun(
        self, name: str, why: str, findings: list[Finding], *, laboratory: str, number: Sequence[str]
    ) -> Reading:
        """Return a reading with all that stands above the table; `number`: the names of the certificate's number."""
        stated, status = self.number(*number)
        early = self.preliminary() or bool(_PRELIMINARY.match(status))
        return Reading(
            name,
            why,
            laboratory=laboratory or self.said("laboratory", "labcode", "lab"),
            certificate=stated,
            status="preliminary" if early else "final",
            version_note=self.reissue(),
            stated_samples=self.count(),
            received_on=self.day(RECEIVED, findings),
            finalized_on=self.day(FINALIZED, findings),
        )

    def day(self, names: Sequence[str], findings: list[Finding]) -> date | None:
        """Return a day; one that cannot be told is named in `findings`."""
        for name in names:
            for number, key, text in self.entries:
                if key == name and text:
                    return day_of(text, number, findings)
        return None

    def comments(self) -> str:
        """Return the comments, which may run over several lines, without their quotation marks."""
        for index, line in enumerate(self.lines):
            found = _COMMENTS.match(line)
            if found is None:
                continue
            parts = [found["text"]]
            for more in self.lines[index + 1 :]:
                if _NEXT.match(more):
                    break
                parts.append(more)
            return " ".join(" ".join(parts).replace('"', " ").split())
        return ""


def _pairs(row: Sequence[str]) -> list[tuple[str, str]]:
    """Return each name on a line with what it says: behind a colon, or in the cells that follow."""
    parts = [part for cell in row for part in _APART.split(cell.strip().strip('"').strip()) if part]
    pairs: list[tuple[str, list[str]]] = []
    for part in parts:
        name, _, rest = part.partition(":")
        key = key_of(name)
        if not pairs or key in _INNER:
            pairs.append((key, [rest]))
        else:
            pairs[-1][1].append(part)
    return [(key, ", ".join(one for text in said if (one := text.strip(' :"')))) for key, said in pairs]


def day_of(text: str, row: int, findings: list[Finding]) -> date | None:
    """Return the day that a text names; None and a finding where it cannot be told (03/04/2026 may be either)."""
    for form in _FORMATS:
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007  # a date has no zone
        except ValueError:
            continue
    found = _SLASHED.fullmatch(text.strip())
    if found is not None:
        (day, month), year = sorted((int(found["a"]), int(found["b"])), reverse=True), int(found["year"])
        with suppress(ValueError):
            if day == month or day > 12:
                return date(year, month, day)
    message = f"“{text.strip()[:40]}” is no date that can be told."
    remedy = "The year comes first, as in 2026-11-03, or the month in letters."
    findings.append(Finding("warning", "date-unreadable", row, None, message, remedy))
    return None


def is_reissue(comments: str) -> bool:
    """Return whether comments say that the certificate was issued before.

    >>> is_reissue("Corrected copy"), is_reissue("Corrected for interference of Gd on Tb")
    (True, False)
    """
    return bool(_REISSUE.search(comments))


def contradictions(reading: Reading, comments: str) -> list[Finding]:
    """Return what a file says of itself and what does not fit: count of samples, order of dates, re-issue."""
    found = []
    stated, read_ = reading.stated_samples, sum(row.kind in {"", "sample"} for row in reading.rows)
    if stated is not None and stated not in {read_, len(reading.rows)}:
        message = f"The file says that it has {stated} samples, and {read_} were read."
        remedy = "Is the file whole? Ask for it again."
        found.append(Finding("error", "sample-count", None, None, message, remedy))
    if reading.version_note:
        found.append(Finding("note", "re-issue", None, None, f"A re-issue: {reading.version_note}"))
    elif comments:
        found.append(Finding("note", "comment", None, None, f"The laboratory says: {comments}"))
    received, finalized = reading.received_on, reading.finalized_on
    if received is not None and finalized is not None and received > finalized:
        message = f"Finalized on {finalized.isoformat()}, before it was received on {received.isoformat()}."
        remedy = "Ask the laboratory which is right."
        found.append(Finding("warning", "dates-reversed", None, None, message, remedy))
    return found
