"""Portions of the world's sample: its bag taken up by the laboratory, and a place to put it."""

from decimal import Decimal
from typing import Any

from django.utils import timezone

from assays.catalogue.models import Method
from assays.runs.building.services import build_run
from assays.runs.portions import services
from tests.support.people import organisation, person


def make_portions(sample: Any) -> dict[str, Any]:
    """Take the sample's bag up in the laboratory; return thing → row."""
    technician = person("technician", "nfc")
    place = services.add_place(actor=technician, laboratory=organisation("nfc"), name="Shelf 1")
    bag = services.take_up_bag(actor=technician, sample=sample, mass_g=Decimal(2000), at=timezone.now())
    method = Method.objects.get(laboratory=organisation("nfc"), code="NFC-MS")
    told = {"laboratory": organisation("nfc"), "method": method, "portions": [bag], "seed": 1}
    return {"portion": bag, "store_place": place, "built": build_run(actor=technician, **told)}
