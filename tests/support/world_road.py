"""What the world of the matrix has of the road: scales, routes, papers, photographs, plans, tags, phones."""

import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

from PIL import Image

from samples.custody.attachments import attach_to_incident
from samples.custody.models import Incident
from samples.custody.papers.form_services import print_forms
from samples.custody.papers.services import add_document
from samples.custody.routes.rules import LegDraft
from samples.custody.routes.services import add_route
from samples.custody.scales.services import add_scale
from samples.registry.models import Sample
from samples.registry.photographs import keep_photograph
from samples.registry.plans.rules import SiteDraft
from samples.registry.plans.services import make_plan
from samples.registry.tags.services import reserve_tags
from tests.samples.field.phones import quarantined
from tests.support.people import organisation, person

PDF = b"%PDF-1.7 of a permit"
#: a leg is watched from its departure on; nothing of the matrix depends on when
_GRACE = timedelta(hours=4)


def make_more_of_the_road(sample: Sample, incident: Incident) -> dict[str, Any]:
    """Make one of everything that belongs to the road, IREL's; the file of the incident is the laboratory's own."""
    manager, owner = person("manager", "irel"), organisation("irel")
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "grey").save(out, "JPEG")
    leg = LegDraft("A", "B", "road", Decimal(9), Decimal(_GRACE.seconds) / 3600)
    facts = {"kind": "EXPORT_PAPER", "authority": "Customs", "number": "E-17", "scan": PDF}
    plan = make_plan(actor=manager, batch=sample.batch, sites=[SiteDraft("Pit 1", 5)])
    receptionist = person("receptionist", "nfc")
    block = reserve_tags(actor=manager, owner=owner, coordinator=person("field_coordinator", "irel"), count=3)
    return {
        "scale": add_scale(actor=manager, owner=owner, name="Kern", division_g=Decimal(1)),
        "route": add_route(actor=manager, owner=owner, name="Road", legs=[leg]),
        "document": add_document(actor=manager, owner=owner, **facts),
        "form": print_forms(actor=manager, owner=owner, count=1)[0],
        "photograph": keep_photograph(actor=manager, owner=owner, content=out.getvalue(), sample=sample),
        "attachment": attach_to_incident(
            actor=receptionist, incident=incident, name="note.pdf", content=b"%PDF-1.7 note"
        ),
        "plan": plan,
        "block": block,
        **quarantined(),
    }
