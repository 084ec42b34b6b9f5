"""One of everything that an address can name, and the personas who come to look at it."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.hashers import make_password
from django.test import Client

from lims.accounts import services as accounts
from lims.accounts.models import Membership, User
from lims.verbs import SystemActor, acting
from lims.web.services import tell
from samples.registry import list_services, sample_services, services
from samples.registry.models import Batch
from tests.support.people import PASSWORD, organisation, person
from tests.support.world_assays import make_catalogue, make_decided, make_road
from tests.support.world_portions import make_portions
from tests.support.world_road import make_more_of_the_road

BACKEND: Final = "allauth.account.auth_backends.AuthenticationBackend"
ANONYMOUS, DEACTIVATED, ROLELESS = "anonymous", "deactivated", "without roles"
#: organisation → its personas; IREL owns everything, Hill Road holds the batch, NFC tests it, Midwest has no part
ROLES: Final = {
    "irel": ("field_coordinator", "manager", "auditor", "administrator"),
    "midwest": ("manager",),
    "hillroad": ("custodian", "manager"),
    "nfc": ("receptionist", "technician", "reviewer", "manager"),
    "mines": ("manager", "auditor", "administrator"),
}

#: words and digits that nobody may read who must not know where a sample comes from
SECRETS: Final = (
    "Zarwanthang",
    "ZQX-77",
    "Monsoonlode",
    "Hkawngdau",
    "banyan",
    "FIELDNO-4471",
    "Sumprabung",
)
PLACE: Final = {"latitude": Decimal("26.049812"), "longitude": Decimal("98.351234")}


def somebody(persona: str) -> User | None:
    """Return the person behind a persona, made if need be; None for nobody."""
    if persona == ANONYMOUS:
        return None
    if persona in {ROLELESS, DEACTIVATED}:
        user = person("manager", "irel", nick=persona.replace(" ", "_"))
    else:
        code, role = persona.split(".")
        user = person(role, code)
    # With a password and a second factor, all of the library's own pages have something to show.
    kept = {"password": _hash(), "is_active": persona != DEACTIVATED}
    with acting(SystemActor("tests"), verb_name="change_person"):
        User.objects.filter(pk=user.pk).update(**kept)
        TOTP.activate(user, generate_totp_secret())
        RecoveryCodes.activate(user)
        if persona == ROLELESS:
            Membership.objects.filter(user=user).delete()
    return User.objects.get(pk=user.pk)


@cache
def _hash() -> str:
    return make_password(PASSWORD)


def client_of(persona: str) -> Client:
    """Return a browser in the hands of a persona; whoever was locked out still has the session of before."""
    user, client = somebody(persona), Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, backend=BACKEND)
    return client


def make_world() -> dict[str, str]:
    """Make one of everything, IREL's unless it is a person's own, and return thing → how addresses name it."""
    manager, administrator = person("manager", "irel"), person("administrator", "irel")
    guest = person("technician", "nfc", nick="guest")
    batch, things = _batch(manager)
    offer, secret = accounts.invite(
        actor=administrator, email="new@irel.test", name="N", organisation=batch.owner, role="MANAGER"
    )
    token, _ = accounts.issue_token(actor=manager, user=manager, days=3)
    membership = guest.memberships.get()
    notice = tell(actor=SystemActor("tests"), user=manager, kind="tests.told", title="The list is read")
    rows = {"user": guest, "membership": membership, "invitation": offer, "notice": notice}
    sample = things["sample"]
    rows |= make_catalogue() | make_road(sample) | make_decided(sample) | make_portions(sample)
    rows |= make_more_of_the_road(sample, rows["incident"])
    plain = {"secret": secret, "token": token.token_key, "kind": "csv", "uid": "1", "key": "none"}
    plain |= {"number": "10", "stage": "received", "job": "NFC26-1", "code": rows["report"].code}
    plain |= {"sha256": "0" * 64, "language": "my", "limit": "least_g", "tag": sample.tag.code}
    return {name: str(row.pk) for name, row in (things | rows).items()} | plain


def _batch(manager: User) -> tuple[Batch, dict[str, Any]]:
    owner = organisation("irel")
    mine = services.add_mine(
        actor=manager,
        owner=owner,
        code="ZQX-77",
        name="Zarwanthang Ridge",
        latitude=Decimal("26.153377"),
        longitude=Decimal("98.262991"),
        controlling_body="Village cooperative",
        deposit_type="Ion-adsorption clay",
        township="Sumprabung",
    )
    batch = services.open_batch(
        actor=manager, mine=mine, material_type="ION_ADSORPTION_CLAY", campaign="Monsoonlode 2031"
    )
    parties = [("hillroad", "HOLDER"), ("nfc", "TESTER")]
    made = [
        services.add_party(actor=manager, batch=batch, organisation=organisation(code), part=part)
        for code, part in parties
    ]
    services.start_tags(actor=manager, owner=owner, prefix="KC")
    sample = _sample(manager, batch)
    hold = sample_services.set_hold(actor=manager, sample=sample, kind="CUSTODY", reason="Seal to be checked")
    upload = list_services.upload_list(actor=manager, batch=batch, name="list.csv", content=b"tag\nKC\n")
    things = {"mine": mine, "batch": batch, "sample": sample, "hold": hold, "list": upload, "party": made[0]}
    return batch, things | {"organisation": owner}


def _sample(manager: User, batch: Batch) -> Any:
    """Register a sample, then correct it: its record knows where it comes from as well."""
    tag = services.issue_tags(actor=manager, owner=batch.owner, count=2)[0]
    sample = sample_services.register_sample(
        actor=manager,
        batch=batch,
        tag_code=tag.code,
        mass_g=Decimal(2150),
        collected_at=datetime(2026, 1, 3, 8, 50, tzinfo=UTC),
        collector="Hkawngdau",
        note="under the banyan",
        field_number="FIELDNO-4471",
        accuracy_m=Decimal(4),
        **PLACE,
    )
    changes = {"note": "beside the banyan", "mass_g": Decimal(2151)}
    return sample_services.correct_sample(
        actor=manager, sample=sample, reason="Weighed again beside the banyan", changes=changes
    )
