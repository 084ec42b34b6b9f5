"""Make what a round of registrations needs, by the services, and print it as JSON: run inside the trial's environment."""

import json
import sys
from decimal import Decimal

import django

django.setup()

from lims.accounts.models import Organisation, User  # noqa: E402  # after Django is set up
from lims.accounts.rules import Role  # noqa: E402
from lims.accounts.services import create_organisation, create_user, grant_role, issue_token  # noqa: E402
from lims.verbs import SystemActor  # noqa: E402
from samples.registry import services  # noqa: E402
from samples.registry.models import TagSeries  # noqa: E402
from samples.registry.rules import show_tag  # noqa: E402

ACTOR = SystemActor("faults")


def main(count: int) -> None:
    """Print a token, a batch and `count` free tags; the sponsor and its coordinator are made the first time."""
    owner = Organisation.objects.filter(code="FAULTS").first()
    if owner is None:
        owner = create_organisation(actor=ACTOR, name="Faults", code="FAULTS", kind="SPONSOR")
        user = create_user(actor=ACTOR, email="coordinator@faults.test", name="Coordinator")
        grant_role(actor=ACTOR, user=user, organisation=owner, role=Role.FIELD_COORDINATOR)
        services.start_tags(actor=ACTOR, owner=owner, prefix="FT")
    user = User.objects.get(email="coordinator@faults.test")
    place = {"latitude": Decimal("26.1"), "longitude": Decimal("98.4")}
    words = {"name": "Site", "controlling_body": "KIA", "deposit_type": "clay"}
    number = TagSeries.objects.get(owner=owner).last_number
    mine = services.add_mine(actor=ACTOR, owner=owner, code=f"M{number}", **place, **words)
    batch = services.open_batch(
        actor=ACTOR, mine=mine, material_type="ION_ADSORPTION_CLAY", campaign="Faults"
    )
    tags = services.issue_tags(actor=ACTOR, owner=owner, count=count)
    _, token = issue_token(actor=ACTOR, user=user, days=1)
    print(json.dumps({"token": token, "batch": str(batch.pk), "tags": [show_tag(tag.code) for tag in tags]}))  # noqa: T201


main(int(sys.argv[1]))
