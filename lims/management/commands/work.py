"""`manage.py work`: what is due, who is on it, what failed; and trying again what failed."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from lims.errors import DomainError
from lims.verbs import SystemActor
from lims.work import services
from lims.work.queries import Overview, overview

ACTOR = SystemActor("manage.py work")


class Command(BaseCommand):
    help = "Show due work; `work retry KIND KEY` or `work retry --all-failed` tries failed work again now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", nargs="?", choices=["show", "retry"], default="show")
        parser.add_argument("kind", nargs="?")
        parser.add_argument("key", nargs="?")
        parser.add_argument("--all-failed", action="store_true", help="with retry: everything that failed")
        parser.add_argument("--json", action="store_true", help="as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["act"] == "retry":
            self._retry(options)
        elif options["json"]:
            self.stdout.write(json.dumps(overview().as_dict(), cls=DjangoJSONEncoder))
        else:
            self._show(overview())

    def _retry(self, options: dict[str, Any]) -> None:
        if options["all_failed"]:
            self.stdout.write(f"{services.retry_all(actor=ACTOR)} due now.")
            return
        if not (options["kind"] and options["key"]):
            raise CommandError("Name a kind and a key, or --all-failed.")
        try:
            services.retry(actor=ACTOR, kind=options["kind"], key=options["key"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{options['kind']} {options['key']} is due now.")

    def _show(self, work: Overview) -> None:
        self._table(
            "Waiting",
            [
                f"{w.kind}  {w.keys} keys in {w.queue}, oldest {w.oldest:%Y-%m-%d %H:%M:%S}"
                for w in work.waiting
            ],
        )
        self._table(
            "Claimed",
            [
                f"{h.kind} {h.key}  {h.worker}{', gone' if h.stale else ''}, since {h.since:%H:%M:%S}"
                for h in work.held
            ],
        )
        self._table(
            "Failed",
            [
                f"{f.kind} {f.key}  {f.attempts}×, again {f.retry_at:%H:%M:%S}: {f.reason}"
                for f in work.failed
            ],
        )
        age = work.heartbeat_age_s
        self.stdout.write("Heartbeat: none yet" if age is None else f"Heartbeat: {age:.0f} s ago")

    def _table(self, heading: str, lines: list[str]) -> None:
        self.stdout.write(f"{heading}: {len(lines) or 'nothing'}")
        for line in lines:
            self.stdout.write(f"  {line}")
