"""The matrix of access: every address × every persona, and by hand what is to be expected.

The addresses come from the URL table. The expectations do not come from the code under test: they are PRODUCT.md's
"People" as sets, and change only when somebody decides that they should.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from lims.api.access import declared
from lims.web.access import access_of
from tests.support.world import ANONYMOUS, DEACTIVATED, ROLELESS, ROLES

# --- Who --------------------------------------------------------------------------------------------


def those(*codes: str) -> frozenset[str]:
    """Return the personas of these organisations."""
    return frozenset(f"{code}.{role}" for code in codes for role in ROLES[code])


WITH_ROLES: Final = those(*ROLES)
SIGNED_IN: Final = WITH_ROLES | {ROLELESS}
PERSONAS: Final = (ANONYMOUS, DEACTIVATED, ROLELESS, *sorted(WITH_ROLES))
ADMINISTRATORS: Final = frozenset({"irel.administrator", "mines.administrator"})
AUDITORS: Final = frozenset({"irel.auditor", "mines.auditor"})
REGISTRARS: Final = frozenset({"irel.field_coordinator", "irel.manager", "midwest.manager"})
SPONSORS_MANAGERS: Final = frozenset({"irel.manager", "midwest.manager"})
RECEIVERS: Final = frozenset({"nfc.receptionist", "nfc.technician", "nfc.manager"})
#: decisions are the owner's: a carrier and a laboratory do not read them
DECIDED_FOR: Final = those("irel", "midwest", "mines")

OVERSEERS: Final = those("mines") | {"irel.auditor", "irel.administrator"}

#: permission → who has it somewhere
EXPECTED: Final[Mapping[str, frozenset[str]]] = {
    "anyone": SIGNED_IN | {ANONYMOUS, DEACTIVATED},
    "portions.handle": frozenset({"nfc.technician"}),
    "portions.keep": frozenset({"nfc.manager"}),
    "runs.set_rates": frozenset({"nfc.manager"}),
    "signed-in": SIGNED_IN,
    "accounts.administer": ADMINISTRATORS,
    "accounts.read": ADMINISTRATORS | AUDITORS,
    "record.read": ADMINISTRATORS | AUDITORS,
    "work.read": ADMINISTRATORS | AUDITORS,
    "work.operate": ADMINISTRATORS,
    "notices.tell": SIGNED_IN,
    "notices.read": SIGNED_IN,
    "notices.mark_read": frozenset(),  # only of a notice, and that only to whom it is for
    "registry.read": WITH_ROLES,
    "registry.see_mines": WITH_ROLES - those("nfc"),
    "registry.register": REGISTRARS,
    "registry.manage": REGISTRARS,
    "registry.correct": REGISTRARS,
    "registry.withdraw": SPONSORS_MANAGERS,
    "registry.hold": SPONSORS_MANAGERS,
    "custody.read": WITH_ROLES,
    "custody.pack": REGISTRARS,
    "custody.carry": REGISTRARS | those("hillroad"),
    # What comes back is received by its owner: with a consignment only that (see NARROWER).
    "custody.receive": RECEIVERS | REGISTRARS,
    "custody.desk": RECEIVERS,
    "custody.dispose": SPONSORS_MANAGERS | {"nfc.manager"},
    "custody.weigh": REGISTRARS | those("hillroad") | RECEIVERS,
    "custody.documents": REGISTRARS | those("mines") | {"irel.auditor", "irel.administrator"},
    "registry.photograph": REGISTRARS | those("hillroad") | RECEIVERS,
    "registry.any_tags": SPONSORS_MANAGERS,
    "field.use": WITH_ROLES,
    "field.carry": SIGNED_IN,
    "field.revoke": WITH_ROLES,
    "field.settle": frozenset(f"{code}.manager" for code in ROLES),
    "custody.explain": REGISTRARS | those("hillroad") | RECEIVERS,
    "custody.judge": SPONSORS_MANAGERS,
    "catalogue.read": WITH_ROLES,
    "catalogue.manage": ADMINISTRATORS | {"nfc.manager"},
    "runs.read": WITH_ROLES,
    "runs.bench": frozenset({"nfc.technician", "nfc.reviewer", "nfc.manager"}),
    "runs.review": frozenset({"nfc.reviewer"}),
    "runs.request": REGISTRARS,
    "runs.weigh": frozenset({"nfc.technician"}),
    "certificates.read": WITH_ROLES,
    "certificates.watch": those("nfc"),
    "certificates.log": frozenset({"nfc.technician"}),
    "certificates.profile": ADMINISTRATORS | {"nfc.technician", "nfc.manager"},
    "quality.investigate": frozenset({"nfc.technician", "nfc.reviewer", "nfc.manager"}),
    "quality.keep_history": frozenset({"nfc.reviewer", "nfc.manager"}),
    "quality.override": frozenset({"nfc.reviewer", "nfc.manager"}),
    "grading.read": DECIDED_FOR,
    "grading.manage": SPONSORS_MANAGERS,
    "grading.preview": WITH_ROLES,
    "reports.read": DECIDED_FOR,
    "reports.dashboard": DECIDED_FOR - REGISTRARS | SPONSORS_MANAGERS,
}

#: thing of IREL's → who may know of it; to everybody else it is not there (404)
EVERYBODY: Final = EXPECTED["anyone"]
KNOWN_TO: Final[Mapping[str, frozenset[str]]] = {
    "batch": those("irel", "hillroad", "nfc", "mines"),
    "sample": those("irel", "hillroad", "nfc", "mines"),
    "mine": those("irel", "hillroad", "mines"),
    "list": frozenset({"irel.field_coordinator", "irel.manager"}),
    "organisation": those("irel", "mines"),
    **dict.fromkeys(("consignment", "incident"), those("irel", "hillroad", "nfc", "mines")),
    **dict.fromkeys(("run", "certificate", "override", "investigation"), those("irel", "nfc", "mines")),
    "upload": those("nfc"),
    "portion": those("irel", "nfc", "mines"),
    "store_place": those("nfc"),
    "grid": those("nfc"),
    "built": those("nfc"),
    "competence": those("nfc") | {"irel.administrator", "mines.administrator"},
    **dict.fromkeys(("policy", "decision", "exclusion", "code"), those("irel", "mines")),
    **dict.fromkeys(("method", "material", "profile", "stage", "job"), EVERYBODY),
    **dict.fromkeys(("scale", "route", "document", "form"), those("irel", "mines")),
    **dict.fromkeys(("photograph", "tag"), those("irel", "hillroad", "nfc", "mines")),
    "block": frozenset({"irel.field_coordinator", "irel.manager"}) | OVERSEERS,
    **dict.fromkeys(("device", "operation"), those("irel", "mines")),
    **dict.fromkeys(("sha256", "language"), EVERYBODY),
    "notice": frozenset({"irel.manager"}),
    "token": frozenset({"irel.manager"}),
    "user": EVERYBODY,
    "membership": EVERYBODY,
    "invitation": EVERYBODY,
    "secret": EVERYBODY,
    "": EVERYBODY,
}

# --- What -------------------------------------------------------------------------------------------

#: name of an address with arguments → argument → thing of the world, the first one deciding who knows of it
ARGUMENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "web:notice_read": {"pk": "notice"},
    "account_reset_password_from_key": {"uidb36": "uid", "key": "key"},
    **{f"people:{act}": {"pk": "user"} for act in ("person", "grant", "activity")},
    "people:revoke": {"pk": "user", "membership": "membership"},
    "people:organisation": {"pk": "organisation"},
    "people:withdraw": {"pk": "invitation"},
    "people:invitation": {"secret": "secret"},
    "people:revoke_token": {"token_key": "token"},
    **{
        f"registry:{act}": {"pk": "sample"} for act in ("sample", "correct", "withdraw", "add_number", "hold")
    },
    "registry:release": {"pk": "sample", "hold": "hold"},
    **{f"registry:{act}": {"pk": "batch"} for act in ("batch", "close_batch", "reopen_batch", "add_party")},
    "registry:remove_party": {"pk": "batch", "party": "party"},
    **{f"registry:{act}": {"pk": "mine"} for act in ("mine", "due_diligence")},
    "registry:list_upload": {"batch": "batch"},
    "registry:list_template": {"kind": "kind"},
    **{f"registry:list{act}": {"pk": "list"} for act in ("", "_progress", "_commit", "_discard")},
    "registry:list_bad_rows": {"pk": "list", "kind": "kind"},
    "api-organisation-detail": {"pk": "organisation"},
    **{f"api-person-{act}": {"pk": "user"} for act in ("detail", "deactivate", "reactivate")},
    "api-membership-detail": {"pk": "membership"},
    "api-invitation-detail": {"pk": "invitation"},
    "api-token-detail": {"pk": "token"},
    "api-mine-detail": {"pk": "mine"},
    **{f"api-batch-{act}": {"pk": "batch"} for act in ("detail", "close", "reopen", "parties")},
    **{f"api-sample-{act}": {"pk": "sample"} for act in ("detail", "holds", "numbers", "withdraw")},
    "api-sample-release": {"pk": "sample", "hold": "hold"},
    **{
        f"custody:{act}": {"pk": "consignment"}
        for act in (
            "consignment",
            "record_document",
            "record_dose",
            "report",
            "dispatch",
            "hand_over",
            "on_the_way",
            "pack",
            "pack_chosen",
            "receive",
            "bag",
            "finish",
        )
    },
    **{f"custody:{act}": {"pk": "consignment"} for act in ("split", "turn_back", "cancel", "deviation")},
    **{
        f"custody:{act}": {"pk": "sample"}
        for act in ("open_bag", "reseal_bag", "store_bag", "report_lost", "dispose_bag", "replace_tag")
    },
    **{f"custody:sample_record{form}": {"pk": "sample"} for form in ("", "_pdf", "_json")},
    **{f"custody:consignment_record{form}": {"pk": "consignment"} for form in ("", "_pdf", "_json")},
    **{f"custody:{act}": {"pk": "incident"} for act in ("assign", "attach")},
    "custody:attachment": {"pk": "incident", "file": "attachment"},
    **{f"custody:{act}": {"pk": "scale"} for act in ("scale", "retire_scale")},
    **{f"custody:{act}": {"pk": "route"} for act in ("route", "retire_route")},
    **{f"custody:{act}": {"pk": "document"} for act in ("document", "document_scan")},
    **{f"custody:{act}": {"pk": "form"} for act in ("paper_form", "spoil_form")},
    "custody:limit": {"pk": "organisation", "name": "limit"},
    **{f"registry:{act}": {"pk": "batch"} for act in ("plan", "freeze_plan")},
    **{f"registry:{act}": {"pk": "sample"} for act in ("blind_item", "add_photograph")},
    "registry:photograph": {"pk": "photograph"},
    "registry:release_block": {"pk": "block"},
    "registry:by_tag": {"tag": "tag"},
    "field:text": {"language": "language"},
    **{f"field:{act}": {"pk": "device"} for act in ("device", "revoke")},
    **{f"api-device-{act}": {"pk": "device"} for act in ("detail", "revoke")},
    **{f"api-operation-{act}": {"pk": "operation"} for act in ("detail", "release", "discard")},
    **{f"api-photograph-{act}": {"sha256": "sha256"} for act in ("part", "status")},
    **{f"api-photograph-{act}": {"pk": "photograph"} for act in ("detail", "content")},
    **{f"api-tag-block-{act}": {"pk": "block"} for act in ("detail", "release")},
    "api-tag-on-bag": {"tag": "tag"},
    **{f"api-{name}": {"pk": "batch"} for name in ("plan", "plan-freeze")},
    **{f"api-{name}": {"pk": "sample"} for name in ("blind-item", "tag-replacement")},
    **{f"api-scale-{act}": {"pk": "scale"} for act in ("detail", "retire", "check")},
    **{f"api-route-{act}": {"pk": "route"} for act in ("detail", "retire")},
    "api-document-detail": {"pk": "document"},
    **{f"api-paper-form-{act}": {"pk": "form"} for act in ("detail", "spoil")},
    **{f"api-incident-{act}": {"pk": "incident"} for act in ("assign", "files")},
    "api-incident-file": {"pk": "incident", "file": "attachment"},
    **{f"api-custody-record-{of}": {"pk": of} for of in ("sample", "consignment")},
    **{f"api-consignment-{act}": {"pk": "consignment"} for act in ("split", "turn-back", "cancel")},
    "custody:unpack": {"pk": "consignment", "item": "item"},
    **{f"custody:{act}": {"pk": "incident"} for act in ("incident", "explain", "clear", "uphold")},
    **{
        f"certificates:{act}": {"pk": "upload"}
        for act in (
            "upload",
            "progress",
            "describe",
            "commit",
            "discard",
            "problems",
            "original",
            "accept",
            "teach",
        )
    },
    **{f"certificates:{act}": {"pk": "upload", "number": "number"} for act in ("match", "leave", "line")},
    "certificates:file": {"pk": "certificate"},
    "certificates:profile": {"pk": "profile"},
    "runs:ask": {"pk": "batch"},
    **{f"runs:{act}": {"pk": "run"} for act in ("run", "approve", "send_back", "retest")},
    **{
        f"portions:{act}": {"pk": "portion"}
        for act in (
            "portion",
            "split",
            "running_balance",
            "prepare",
            "use",
            "put_away",
            "give_back",
            "dispose",
        )
    },
    **{f"portions:{act}": {"pk": "sample"} for act in ("bag", "dry", "ignite")},
    "portions:retire_place": {"pk": "store_place"},
    "standing:withdraw": {"pk": "competence"},
    **{
        f"building:{act}": {"pk": "built"}
        for act in ("rack", "move", "remove", "place", "begin", "sheet", "listing")
    },
    **{
        f"api-built-run-{act}": {"pk": "built"}
        for act in ("rack", "move", "remove", "place", "begin", "codes", "sheet")
    },
    "api-competence-withdraw": {"pk": "competence"},
    **{f"entry:{act}": {"pk": "run"} for act in ("typed", "begin", "save", "submit", "discard")},
    **{f"api-grid-{act}": {"pk": "grid"} for act in ("detail", "cells", "changes", "submit", "discard")},
    **{f"certificates:template_{form}": {"pk": "method"} for form in ("xlsx", "csv")},
    "api-certificate-template": {"pk": "method"},
    **{
        f"api-portion-{act}": {"pk": "portion"}
        for act in ("detail", "lineage", "split", "prepare", "use", "put-away", "give-back", "dispose")
    },
    "api-store-place-retire": {"pk": "store_place"},
    **{f"quality:{act}": {"pk": "run"} for act in ("propose", "investigate")},
    "quality:close_investigation": {"pk": "investigation"},
    **{f"quality:{act}": {"pk": "override"} for act in ("second", "refuse")},
    **{f"catalogue:{act}": {"pk": "method"} for act in ("method", "method_analyte")},
    **{
        f"catalogue:{act}": {"pk": "material"}
        for act in ("material", "certify", "retire", "certificate", "keep_certificate")
    },
    "reports:stage": {"stage": "stage"},
    "demonstration:qc": {"number": "job"},
    "reports:by_code": {"code": "code"},
    **{
        f"reports:{act}": {"pk": "decision"}
        for act in ("decision", "pdf", "make_pdf", "pdf_progress", "changes")
    },
    **{
        f"reports:{act}": {"pk": "policy"}
        for act in ("policy", "put_in_force", "retire_policy", "what_if", "ask_what_if", "uncertainty")
    },
    **{
        f"api-consignment-{act}": {"pk": "consignment"}
        for act in (
            "detail",
            "bags",
            "papers",
            "dose-rate",
            "dispatch",
            "events",
            "hand-over",
            "receipt",
            "receive",
            "finish",
        )
    },
    "api-consignment-unpack": {"pk": "consignment", "item": "item"},
    **{f"api-incident-{act}": {"pk": "incident"} for act in ("detail", "explain", "clear", "uphold")},
    **{f"api-method-{act}": {"pk": "method"} for act in ("detail", "analytes")},
    **{f"api-material-{act}": {"pk": "material"} for act in ("detail", "values", "retire")},
    **{
        f"api-run-{act}": {"pk": "run"}
        for act in ("detail", "approve", "items", "return-results", "reviews", "retest", "retests")
    },
    **{
        f"api-upload-{act}": {"pk": "upload"}
        for act in (
            "detail",
            "commit",
            "describe",
            "discard",
            "match",
            "rows",
            "problems",
            "leave",
            "accept-sure",
            "teach",
        )
    },
    "api-upload-line": {"pk": "upload", "number": "number"},
    **{f"api-certificate-{act}": {"pk": "certificate"} for act in ("detail", "determinations")},
    **{f"api-qc-override-{act}": {"pk": "override"} for act in ("refuse", "second")},
    "api-qc-investigation-close": {"pk": "investigation"},
    **{
        f"api-policy-{act}": {"pk": "policy"}
        for act in ("detail", "agree", "put-in-force", "retire", "uncertainty")
    },
    "api-exclusion-agree": {"pk": "exclusion"},
    "api-decision-detail": {"pk": "decision"},
    **{f"api-list-{act}": {"pk": "list"} for act in ("detail", "commit", "discard", "rows")},
}

#: pages where the permission is had somewhere, and with the world's thing (a consignment for a laboratory) by fewer
NARROWER: Final[Mapping[str, frozenset[str]]] = {
    f"custody:{act}": RECEIVERS for act in ("receive", "bag", "finish", "deviation")
}

#: methods that a page may answer; which of them it does, it says itself (405)
PAGE_METHODS: Final = ("get", "post")


@dataclass(frozen=True, slots=True)
class Route:
    """One address and method, and what the code declares about who may call it."""

    name: str
    pattern: str
    method: str
    access: str | None
    arguments: frozenset[str]
    api: bool

    def __str__(self) -> str:
        return f"{self.method.upper()} /{self.pattern} ({self.name})"

    def things(self) -> Mapping[str, str]:
        """Return argument → thing. Raises `LookupError` when nobody told what to call this address with."""
        if not self.arguments:
            return {}
        told = ARGUMENTS.get(self.name, {})
        if told.keys() != self.arguments:
            raise LookupError(
                f"{self}: tell {sorted(self.arguments)} in ARGUMENTS of tests/support/matrix.py"
            )
        return told

    def subject(self) -> str:
        """Return the thing that decides whether a persona knows of the address at all."""
        first = next(iter(self.things().values()), "")
        return first if first in KNOWN_TO else ""

    def address(self, world: Mapping[str, str]) -> str:
        """Return the address with things of `world`."""
        return reverse(self.name, kwargs={name: world[thing] for name, thing in self.things().items()})

    def expects(self, persona: str) -> str:
        """Return "in", "refused", or "unknown" (as if the thing were not there), as the tables above have it."""
        if persona not in EXPECTED[self.access or ""]:
            return "refused"
        if persona not in KNOWN_TO[self.subject()]:
            return "unknown"
        return "in" if persona in NARROWER.get(self.name, SIGNED_IN | {ANONYMOUS, DEACTIVATED}) else "refused"


def _leaves(patterns: Iterable[Any], prefix: str, spaces: tuple[str, ...]) -> Iterator[tuple[str, str, Any]]:
    for pattern in patterns:
        here = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _leaves(pattern.url_patterns, here, inner)
        else:
            assert isinstance(pattern, URLPattern)
            yield here, ":".join((*spaces, pattern.name or "?")), pattern


def _declared(callback: Any) -> dict[str, str | None]:
    """Return method → what a view declares; None where it declares nothing."""
    page = access_of(callback)
    view = getattr(callback, "cls", None)
    if page is not None or view is None:
        return dict.fromkeys(PAGE_METHODS, page)
    actions = getattr(callback, "actions", None)
    if actions is None:
        actions = {name: name for name in view.http_method_names if name != "options" and hasattr(view, name)}
    return {method: declared(view, action) for method, action in actions.items()}


def routes(patterns: Iterable[Any] | None = None) -> list[Route]:
    """Return every address and method of a URL table, ours if none is given."""
    found = []
    for pattern, name, leaf in _leaves(get_resolver().url_patterns if patterns is None else patterns, "", ()):
        arguments = frozenset(leaf.pattern.regex.groupindex)
        api = getattr(leaf.callback, "cls", None) is not None
        for method, access in _declared(leaf.callback).items():
            found.append(Route(name, pattern, method, access, arguments, api))
    return found


def undeclared(table: Iterable[Route]) -> list[str]:
    """Return the addresses that nobody declared who may call, or that declare what nobody expects."""
    return [f"{route}: {route.access}" for route in table if route.access not in EXPECTED]
