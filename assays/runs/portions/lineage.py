"""The lineage of a sample's portions: a tree in which every gram is accounted for."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from assays.runs.models import Portion, PortionEvent, Preparation, Split
from assays.runs.portions.rules import percent
from assays.runs.rules import PortionEventKind
from lims.accounts.models import User
from samples.registry.models import Sample

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Node:
    """A portion in the tree, masses in g: made = left + used + gone + divided + what preparing it lost."""

    portion: Portion
    depth: int
    #: what went into its splittings, and what these lost
    divided_g: Decimal
    split_loss_g: Decimal
    used_g: Decimal
    #: returned or thrown away
    gone_g: Decimal
    steps: tuple[Preparation, ...]
    children: list["Node"] = field(default_factory=list)

    @property
    def prepared_loss_g(self) -> Decimal:
        """Return what was lost in its preparation, weighing differences among it."""
        spent = self.portion.left_g + self.divided_g + self.used_g + self.gone_g
        lost: Decimal = self.portion.made_g - spent
        return lost

    @property
    def loss_g(self) -> Decimal:
        """Return what was lost of it in preparing and splitting it."""
        return self.prepared_loss_g + self.split_loss_g

    @property
    def loss_pct(self) -> Decimal:
        """Return what was lost of it, in per cent of what it was."""
        return percent(self.loss_g, self.portion.made_g)

    def walk(self) -> Iterator["Node"]:
        """Yield this portion and all that came from it, each before its parts."""
        yield self
        for child in self.children:
            yield from child.walk()


def _sums(rows: QuerySet[Any], by: str) -> dict[UUID, Decimal]:
    return {row[by]: row["total"] for row in rows.values(by).annotate(total=Sum("mass_g")).order_by()}


def lineage(sample: Sample | UUID, *, user: User | None = None) -> list[Node]:
    """Return the trees of a sample's portions, one a laboratory, of those that `user` may see; five queries.

    For every tree: what the bag was = what is left, used, returned and thrown away of all portions + all losses.
    """
    seen = Portion.objects.all() if user is None else Portion.objects.visible_to(user)
    rows = seen.filter(sample=sample).select_related("place", "laboratory", "split").order_by("id")
    portions = list(rows)
    nodes = _nodes(portions)
    roots: list[Node] = []
    for portion in portions:
        parent = nodes.get(portion.parent_id) if portion.parent_id else None
        (parent.children if parent else roots).append(nodes[portion.pk])
    return roots


def _nodes(portions: Iterable[Portion]) -> dict[UUID, Node]:
    found = list(portions)
    ids = [portion.pk for portion in found]
    splits = Split.objects.filter(portion__in=ids)
    divided = _sums(splits, "portion")
    lost = {
        row["portion"]: row["total"]
        for row in splits.values("portion").annotate(total=Sum("loss_g")).order_by()
    }
    events = PortionEvent.objects.filter(portion__in=ids)
    used = _sums(events.filter(kind=PortionEventKind.USED), "portion")
    left = [PortionEventKind.RETURNED, PortionEventKind.DISPOSED]
    gone = _sums(events.filter(kind__in=left), "portion")
    steps: dict[UUID, list[Preparation]] = defaultdict(list)
    done = Preparation.objects.filter(portion__in=ids).select_related("equipment", "recorded_by")
    for step in done.order_by("id"):
        steps[step.portion_id].append(step)
    nodes: dict[UUID, Node] = {}
    for portion in found:  # by id: a parent is older than its parts
        parent = nodes.get(portion.parent_id) if portion.parent_id else None
        nodes[portion.pk] = Node(
            portion=portion,
            depth=parent.depth + 1 if parent else 0,
            divided_g=divided.get(portion.pk, NOTHING),
            split_loss_g=lost.get(portion.pk, NOTHING),
            used_g=used.get(portion.pk, NOTHING),
            gone_g=gone.get(portion.pk, NOTHING),
            steps=tuple(steps[portion.pk]),
        )
    return nodes
