"""`manage.py grade_preview FILE`: the decision on JSON, by the same arithmetic as the product's; writes nothing."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from assays.grading.previewing import preview, read_json
from lims.errors import DomainError


class Command(BaseCommand):
    # It asks no database and starts no server: nothing of theirs needs to be in order.
    requires_system_checks = ()
    help = "Print the decision on a case (or a list of cases) as JSON; exit 2 with the problems when it is malformed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="A file with JSON; - for standard input.")

    def handle(self, *_args: Any, **options: Any) -> None:
        name = str(options["file"])
        try:
            content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
            found = preview(read_json(content))
        except DomainError as error:
            for problem in error.problems:
                self.stderr.write(json.dumps(problem.as_dict(), ensure_ascii=False))
            sys.exit(2)
        except OSError as error:
            missing = {"code": "file-missing", "message": f"{name}: {error.strerror}.", "file": name}
            self.stderr.write(json.dumps(missing, ensure_ascii=False))
            sys.exit(2)
        self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False))
