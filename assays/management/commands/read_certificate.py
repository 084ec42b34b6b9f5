"""`manage.py read_certificate FILE [--profile NAME]`: how a certificate's file is understood, as JSON; writes nothing."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from assays.certificates.built_in import PROFILES, profile_called
from assays.certificates.reading import read
from assays.certificates.reading.output import as_json
from assays.certificates.reading.sheet import LARGEST_BYTES
from lims.errors import DomainError


class Command(BaseCommand):
    help = "Print how a certificate's file is understood, as JSON; exit 0 read, 1 with error findings, 2 unreadable."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="The certificate's file; - for standard input.")
        parser.add_argument("--profile", default="plain", help=f"What its cells mean: {', '.join(PROFILES)}.")

    def handle(self, *_args: Any, **options: Any) -> None:
        name = str(options["file"])
        try:
            reading = read(_content(name), name=Path(name).name, profile=profile_called(options["profile"]))
        except DomainError as error:
            for problem in error.problems:
                self.stderr.write(json.dumps(problem.as_dict(), ensure_ascii=False))
            sys.exit(2)
        except OSError as error:
            missing = {"code": "file-missing", "message": f"{name}: {error.strerror}.", "file": name}
            self.stderr.write(json.dumps(missing, ensure_ascii=False))
            sys.exit(2)
        self.stdout.write(json.dumps(as_json(reading), ensure_ascii=False, indent=1))
        if any(finding.severity == "error" for finding in reading.findings):
            sys.exit(1)


def _content(name: str) -> bytes:
    """Return the file, as much of it as is read at all."""
    if name == "-":
        return sys.stdin.buffer.read(LARGEST_BYTES + 1)
    with Path(name).open("rb") as file:
        return file.read(LARGEST_BYTES + 1)
