"""Telling managers: in the application, and by e-mail."""

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse

from assays.grading.models import Decision
from assays.grading.news import headline
from lims.accounts.models import User
from lims.accounts.rules import Role
from lims.permits import permit
from lims.verbs import Actor, verb
from lims.web.services import tell


def managers_of(decision: Decision) -> list[User]:
    """Return the active managers of the batch's owner, in a fixed order."""
    rows = User.objects.filter(
        is_active=True, memberships__organisation=decision.batch.owner_id, memberships__role=Role.MANAGER
    )
    return list(rows.distinct().order_by("pk"))


def before(decision: Decision) -> Decision | None:
    """Return the decision on the same batch before this one."""
    return Decision.objects.filter(batch=decision.batch_id, number=decision.number - 1).first()


def address_of(decision: Decision) -> str:
    """Return the address of a decision's report within the application."""
    return reverse("reports:decision", kwargs={"pk": decision.pk})


def mail_managers(decision: Decision) -> int:
    """Send the news by e-mail to each manager, and return to how many. At least once: a worker may die in between."""
    title = headline(before(decision), decision)
    body = f"{decision.sentence}\n\n{settings.SITE_ADDRESS}{address_of(decision)}\n"
    found = managers_of(decision)
    for manager in found:
        send_mail(title, body, settings.DEFAULT_FROM_EMAIL, [manager.email])
    return len(found)


@verb
def tell_managers(*, actor: Actor, decision: Decision) -> int:
    """Put the news among each manager's notices, and return among how many."""
    permit(actor, "notices.tell")
    title = headline(before(decision), decision)
    found = managers_of(decision)
    for manager in found:
        tell(
            actor=actor,
            user=manager,
            kind=f"decision.{decision.outcome.lower()}",
            title=title,
            body=decision.sentence,
            url=address_of(decision),
        )
    return len(found)
