"""`manage.py verify_ledger`: prove that the record is whole, or name the first thing that does not fit."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lims.errors import DomainError
from lims.ledger.keys import public_keys
from lims.ledger.rules import Report
from lims.ledger.verify import verify


class Command(BaseCommand):
    """Exit code 0: everything fits; 1: something does not; 2: it could not be checked."""

    help = "Recompute every seal, compare every row with its last recorded state, check triggers and rights."
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--all", action="store_true", help="list everything that does not fit, not only the first"
        )
        parser.add_argument("--json", action="store_true", help="answer in JSON")
        parser.add_argument(
            "--public-key",
            action="append",
            default=[],
            type=Path,
            metavar="FILE",
            help="PEM public key to check signatures with, instead of LEDGER_KEY_FILE; may be repeated",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            report = verify(public_keys(options["public_key"]))
        except DomainError as error:
            raise CommandError(str(error), returncode=2) from error
        shown = report.findings if options["all"] else report.findings[:1]
        self.stdout.write(_as_json(report, options["all"]) if options["json"] else _summary(report))
        if not options["json"]:
            for finding in shown:
                self.stdout.write(self.style.ERROR(f"{finding.code}: {finding.message}"))
            if len(report.findings) > len(shown):
                self.stdout.write(f"… and {len(report.findings) - len(shown)} more: --all lists them.")
        if not report.ok:
            raise SystemExit(1)


def _summary(report: Report) -> str:
    verdict = "The record is whole" if report.ok else "The record does not fit"
    return (
        f"{verdict}: {report.entries} entries, {report.seals} seals in {report.eras} eras, {report.rows} rows of "
        f"{report.tables} tables, oldest unsealed entry {report.lag_s:.0f} s old; took {report.took_s:.2f} s."
    )


def _as_json(report: Report, everything: bool) -> str:  # noqa: FBT001  # private, called once
    findings = report.findings if everything else report.findings[:1]
    answer = asdict(report) | {
        "ok": report.ok,
        "at": report.at.isoformat(),
        "findings": [finding.as_dict() for finding in findings],
        "findings_in_all": len(report.findings),
    }
    return json.dumps(answer, indent=2)
