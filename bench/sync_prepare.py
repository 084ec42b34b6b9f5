"""What the measurement of the sync needs, made by the services inside the trial's environment, printed as JSON."""

import json
import sys
from decimal import Decimal

import django

django.setup()

from lims.accounts.models import Organisation, User  # noqa: E402  # after Django is set up
from lims.accounts.rules import Role  # noqa: E402
from lims.accounts.services import create_organisation, create_user, grant_role  # noqa: E402
from lims.verbs import SystemActor  # noqa: E402
from samples.field.services import enrol_device  # noqa: E402
from samples.registry import services  # noqa: E402

ACTOR = SystemActor("bench")


def ground() -> tuple[Organisation, User]:
    """Make the sponsor and its coordinator."""
    owner = create_organisation(actor=ACTOR, name="Bench", code="BENCH", kind="SPONSOR")
    user = create_user(actor=ACTOR, email="coordinator@bench.test", name="Coordinator")
    grant_role(actor=ACTOR, user=user, organisation=owner, role=Role.FIELD_COORDINATOR)
    services.start_tags(actor=ACTOR, owner=owner, prefix="BE")
    return owner, user


def main(phases: list[str], count: int, keys: list[dict[str, str]]) -> None:
    """Print for each phase a batch and `count` free tags, and for each key (id, public_key) the device's token."""
    owner, user = ground()
    words = {"code": "M1", "name": "Site", "controlling_body": "KIA", "deposit_type": "clay"}
    mine = services.add_mine(
        actor=ACTOR, owner=owner, latitude=Decimal("26.1"), longitude=Decimal("98.4"), **words
    )
    made: dict[str, dict[str, object]] = {}
    for phase in phases:
        batch = services.open_batch(
            actor=ACTOR, mine=mine, material_type="ION_ADSORPTION_CLAY", campaign=f"Bench {phase}"
        )
        tags = [
            tag.code
            for start in range(0, count, 1000)
            for tag in services.issue_tags(actor=ACTOR, owner=owner, count=min(1000, count - start))
        ]
        made[phase] = {"batch": str(batch.pk), "tags": tags}
    tokens = [
        enrol_device(actor=user, device_id=key["id"], name=f"Phone {n}", public_key=key["public_key"])[1]
        for n, key in enumerate(keys)
    ]
    print(json.dumps({"phases": made, "tokens": tokens}))


told = json.loads(sys.stdin.read())
main(told["phases"], told["count"], told["keys"])
