"""A real worker prints the report that a decision asks for."""

import pytest

from assays.reports.models import GradeReport
from assays.reports.services import request_report
from lims import files
from lims.verbs import SystemActor
from tests.assays.reports import made
from tests.support.worker import until

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_worker_prints_what_is_asked_for(worker):
    decision = made.decided()
    request_report(actor=SystemActor("tests"), decision=decision)
    until(lambda: GradeReport.objects.filter(decision=decision).exists())
    assert files.get(GradeReport.objects.get().sha256).startswith(b"%PDF")
