"""How the page My work answers: whole, or to htmx the changed rows alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from accounts import typed_again
from reports import my_work
from reports.my_work import MeasurementWork, MilestoneWork, Share
from reports.my_work_forms import MeasurementRowForm, MilestoneRowForm, measurement_form
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme


@dataclass(frozen=True)
class MilestoneEntry:
    """A milestone with its form; ``problem`` says why it is not saved."""

    work: MilestoneWork
    form: MilestoneRowForm
    problem: str = ""
    is_fresh: bool = False
    is_asked_for: bool = False
    is_measurement = False

    @property
    def is_refused(self) -> bool:
        return bool(self.problem or self.form.errors)

    @property
    def is_open(self) -> bool:
        """Whether its form is shown at once: also with what was typed before signing in again."""
        return self.is_refused or self.is_asked_for or typed_again.is_for(self.form)


@dataclass(frozen=True)
class MeasurementEntry:
    """An indicator with its form; ``theirs`` is the value that somebody else saved first."""

    work: MeasurementWork
    form: MeasurementRowForm
    theirs: str = ""
    typed: str = ""
    is_fresh: bool = False
    is_measurement = True

    @property
    def is_refused(self) -> bool:
        return bool(self.theirs or self.form.errors)

    @property
    def is_open(self) -> bool:
        return typed_again.is_for(self.form)


Entry = MilestoneEntry | MeasurementEntry


@dataclass(frozen=True)
class Answer:
    """What became of a press: rows to show anew, a sentence, and the status to answer with."""

    said: str
    entries: Sequence[Entry] = field(default_factory=list)
    status: int = 200

    @property
    def is_one(self) -> bool:
        return len(self.entries) == 1

    @property
    def is_many(self) -> bool:
        return len(self.entries) > 1


def respond(request: ProgrammeRequest, answer: Answer) -> HttpResponse:
    """Answer with the rows alone to htmx; else lead back to the page, or show what is wrong."""
    if request.headers.get("HX-Request") == "true":
        context = _context(request) | {"answer": answer, "is_swapped": True}
        return TemplateResponse(request, "reports/my_work_rows.html", context, status=answer.status)
    if answer.status != 200:
        messages.error(request, answer.said)
        return whole_page(request, answer)
    if answer.is_one:
        return to_row(request.programme, answer.entries[0].work.anchor)
    messages.success(request, answer.said)
    return redirect("reports:my_work", request.programme.slug)


def to_row(programme: Programme, anchor: str) -> HttpResponseRedirect:
    # Named twice: for the browser, and so that the block that holds the row is open.
    url = reverse("reports:my_work", args=[programme.slug])
    return HttpResponseRedirect(f"{url}?at={anchor}#{anchor}")


def whole_page(request: ProgrammeRequest, answer: Answer | None = None) -> HttpResponse:
    answer = answer or Answer("")
    context = _context(request, answer.entries) | {"answer": answer, "is_swapped": False}
    refused = next((entry for entry in answer.entries if entry.form.errors), None)
    # The form whose errors the page lists at its top.
    context["form"] = refused.form if refused else None
    return TemplateResponse(request, "reports/my_work.html", context, status=answer.status)


def _context(request: ProgrammeRequest, changed: Sequence[Entry] = ()) -> dict[str, Any]:
    programme = request.programme
    mine = my_work.my_work(
        programme,
        request.user,
        roles=request.roles,
        today=programme.today(),
        at=timezone.now(),
    )
    instead = {entry.work.anchor: entry for entry in changed}
    own, led = _rows(mine.own, instead), _rows(mine.led, instead)
    # A row that was saved from elsewhere, by the PMO for instance, is shown with the own.
    for entry in changed:
        if entry.work.anchor not in own.anchors | led.anchors:
            own = own.with_one_more(entry)
    return {
        "work": mine,
        "own": own,
        "led": led,
        "is_led_open": led.is_open
        or not led.anchors.isdisjoint({request.GET.get("at", ""), *instead}),
    }


@dataclass(frozen=True)
class Rows:
    """The rows of one share of the work, with their forms."""

    milestones: Sequence[MilestoneEntry]
    measurements: Sequence[MeasurementEntry]

    @property
    def anchors(self) -> set[str]:
        anchors = {entry.work.anchor for entry in self.milestones}
        return anchors | {entry.work.anchor for entry in self.measurements}

    @property
    def is_open(self) -> bool:
        is_any_open = any(entry.is_open for entry in self.milestones)
        return is_any_open or any(entry.is_open for entry in self.measurements)

    def with_one_more(self, entry: Entry) -> "Rows":
        if isinstance(entry, MilestoneEntry):
            return Rows([*self.milestones, entry], self.measurements)
        return Rows(self.milestones, [*self.measurements, entry])


def _rows(share: Share, instead: Mapping[str, Entry]) -> Rows:
    milestones: list[MilestoneEntry] = []
    for row in share.milestones:
        changed = instead.get(row.anchor)
        if not isinstance(changed, MilestoneEntry):
            changed = MilestoneEntry(row, MilestoneRowForm(row))
        milestones.append(changed)
    measurements: list[MeasurementEntry] = []
    for measured in share.measurements:
        other = instead.get(measured.anchor)
        if not isinstance(other, MeasurementEntry):
            other = MeasurementEntry(measured, measurement_form(measured))
        measurements.append(other)
    return Rows(milestones, measurements)
