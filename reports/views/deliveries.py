from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.forms import TrackerForm
from accounts.models import User
from reports.models import Delivery, DeliveryState, Snapshot
from reports.months import WrongState
from reports.redelivery import MAY_BOUNCE, SETTLED, mark_as_delivered, record_bounce, send_again
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme


class SeenForm(forms.Form):
    """The number of attempts that the page showed, so that a second press changes nothing."""

    attempts = forms.IntegerField(min_value=0, max_value=32767, widget=forms.HiddenInput)


class BounceForm(TrackerForm):
    attempts = forms.IntegerField(min_value=0, max_value=32767, widget=forms.HiddenInput)
    text = forms.CharField(
        label="Reason of the bounce",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Copy it out of the message that came back.",
    )


@dataclass(frozen=True)
class DeliveryLine:
    """One delivery on the month's page or its own, and what the person may do with it."""

    delivery: Delivery
    may_settle: bool

    @property
    def may_send_again(self) -> bool:
        return self.may_settle and self.delivery.state in SETTLED

    @property
    def may_mark(self) -> bool:
        return self.may_settle and self.delivery.is_troubled

    @property
    def may_bounce(self) -> bool:
        return self.may_settle and self.delivery.state in MAY_BOUNCE

    @property
    def when(self) -> datetime | None:
        """When it was sent or last tried; while it waits, when it will be tried again."""
        if self.delivery.is_waiting:
            return self.delivery.next_attempt_at
        return self.delivery.sent_at or self.delivery.claimed_at

    def url(self, act: str) -> str:
        month = self.delivery.pack.snapshot.month
        keys = [month.programme.slug, month.month, self.delivery.pk]
        return reverse(f"reports:delivery_{act}", args=keys)

    @property
    def urls(self) -> dict[str, str]:
        acts = ("detail", "send_again", "mark", "bounce")
        return {act: self.url(act) for act in acts}


@dataclass(frozen=True)
class DeliveryTable:
    """The deliveries of a month's newest snapshot, with what needs a person first."""

    lines: list[DeliveryLine]

    @property
    def summary(self) -> str:
        """How many are in which state, in words: "18 sent, 1 may have been sent"."""
        states = [line.delivery.state for line in self.lines]
        counts = ((states.count(state), state.label) for state in DeliveryState)
        return ", ".join(f"{count} {label.lower()}" for count, label in counts if count)


def delivery_table(snapshot: Snapshot | None, user: User) -> DeliveryTable:
    """Give what became of a snapshot's packs; the same queries for one delivery and for many."""
    if snapshot is None:
        return DeliveryTable([])
    deliveries = Delivery.objects.filter(pack__snapshot=snapshot).with_pack()
    may_settle = user.has_perm("reports.settle_delivery", snapshot)
    rows = deliveries.order_by("pack__audience__position", "recipient__name", "pk")
    lines = [DeliveryLine(row, may_settle) for row in rows]
    return DeliveryTable(sorted(lines, key=lambda line: not line.delivery.is_troubled))


@require_safe
def delivery_detail(
    request: ProgrammeRequest, programme: Programme, month: date, pk: int
) -> HttpResponse:
    return _page(request, _find(programme, month, pk))


@require_POST
def delivery_send_again(
    request: ProgrammeRequest, programme: Programme, month: date, pk: int
) -> HttpResponse:
    said = "The pack goes to {} again within a minute."
    return _act(request, _find(programme, month, pk), send_again, said)


@require_POST
def delivery_mark(
    request: ProgrammeRequest, programme: Programme, month: date, pk: int
) -> HttpResponse:
    said = "The delivery to {} is marked as delivered."
    return _act(request, _find(programme, month, pk), mark_as_delivered, said)


@require_POST
def delivery_bounce(
    request: ProgrammeRequest, programme: Programme, month: date, pk: int
) -> HttpResponse:
    delivery = _find(programme, month, pk)
    _require_pmo(request, delivery)
    form = BounceForm(request.POST)
    if not form.is_valid():
        return _page(request, delivery, form=form, status=422)
    text, attempts = form.cleaned_data["text"], form.cleaned_data["attempts"]
    try:
        record_bounce(
            delivery_id=pk, by=request.user, seen_attempts=attempts, text=text, at=timezone.now()
        )
    except WrongState as error:
        form.add_error(None, str(error))
        return _page(request, _find(programme, month, pk), form=form, status=409)
    messages.success(request, f"The bounce from {delivery.recipient.name} is recorded.")
    return redirect(DeliveryLine(delivery, True).url("detail"))


def _act(
    request: ProgrammeRequest, delivery: Delivery, act: Callable[..., object], said: str
) -> HttpResponse:
    _require_pmo(request, delivery)
    form = SeenForm(request.POST)
    attempts = form.cleaned_data["attempts"] if form.is_valid() else -1
    try:
        act(delivery_id=delivery.pk, by=request.user, seen_attempts=attempts, at=timezone.now())
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said.format(delivery.recipient.name))
    if "detail" in request.POST:
        return redirect(DeliveryLine(delivery, True).url("detail"))
    return redirect(f"{delivery.pack.snapshot.month.get_absolute_url()}#deliveries")


def _require_pmo(request: ProgrammeRequest, delivery: Delivery) -> None:
    if not request.user.has_perm("reports.settle_delivery", delivery):
        raise PermissionDenied("Only the PMO decides about deliveries.")


def _find(programme: Programme, month: date, pk: int) -> Delivery:
    deliveries = Delivery.objects.filter(
        pack__snapshot__month__programme=programme, pack__snapshot__month__month=month
    )
    delivery: Delivery = get_object_or_404(deliveries.with_pack(), pk=pk)
    return delivery


def _page(
    request: ProgrammeRequest,
    delivery: Delivery,
    *,
    form: BounceForm | None = None,
    status: int = 200,
) -> HttpResponse:
    line = DeliveryLine(delivery, request.user.has_perm("reports.settle_delivery", delivery))
    month = delivery.pack.snapshot.month
    facts: list[dict[str, Any]] = [
        {
            "label": "Pack",
            "value": delivery.pack.audience.full_name,
            "note": delivery.pack.snapshot,
        },
        {"label": "To", "value": delivery.recipient.name, "note": delivery.email},
        {"label": "Attempts", "value": delivery.attempts},
        {"label": "Message-ID", "value": delivery.message_id},
    ]
    context = {
        "line": line,
        "delivery": delivery,
        "facts": facts,
        "history": delivery.history.select_related("by").order_by("-pk"),
        "form": form or BounceForm(initial={"attempts": delivery.attempts}),
        "breadcrumb": [
            ("Months", reverse("reports:month_list", args=[month.programme.slug])),
            (month.name, month.get_absolute_url()),
        ],
    }
    return render(request, "reports/delivery_detail.html", context, status=status)
