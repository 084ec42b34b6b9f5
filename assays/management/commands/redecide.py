"""`manage.py redecide --check`: derive every stored decision anew from its stored inputs; writes nothing."""

import json
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assays.grading.models import Decision
from assays.grading.rederiving import Rederived, rederive


class Command(BaseCommand):
    """Exit code 0: every decision comes out again; 1: one does not; 2: it could not be checked."""

    help = "Derive stored decisions anew from their stored inputs and report every difference."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="compare, and change nothing (the only way)")
        parser.add_argument("--batch", metavar="CODE", help="the decisions of one batch only")
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not options["check"]:
            # A stored decision is never changed: what stands is decided by workers, whenever an input changes.
            raise CommandError("Stored decisions are only compared: add --check.", returncode=2)
        decisions = Decision.objects.all()
        if options["batch"]:
            decisions = decisions.filter(batch__code__iexact=options["batch"])
            if not decisions.exists():
                raise CommandError(f"No decision of a batch {options['batch']}.", returncode=2)
        began = time.monotonic()
        found = rederive(decisions)
        took_s = time.monotonic() - began
        self.stdout.write(_as_json(found, took_s) if options["json"] else _as_words(found, took_s))
        if found.differences:
            sys.exit(1)


def _as_words(found: Rederived, took_s: float) -> str:
    verdict = "differ from" if found.differences else "agree with"
    earlier = f", {found.earlier_versions} of them by earlier versions" if found.earlier_versions else ""
    head = f"{found.checked} decisions{earlier} {verdict} what their inputs give; took {took_s:.2f} s."
    return "\n".join([head, *map(str, found.differences)])


def _as_json(found: Rederived, took_s: float) -> str:
    answer = {
        "ok": not found.differences,
        "checked": found.checked,
        "earlier_versions": found.earlier_versions,
        "took_s": round(took_s, 3),
        "differences": [one.as_dict() for one in found.differences],
    }
    return json.dumps(answer, ensure_ascii=False, indent=1)
