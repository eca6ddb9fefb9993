"""What the list of remedial actions may be narrowed to. The dashboard links to it.

``state``: open, overdue, done. ``owner``: a person's number. ``workstream``: its code.
"""

import django_filters
from django.db.models import QuerySet

from accounts.models import User
from governance.filters import FilterForm, WorkstreamFilter
from governance.models import RemedialAction, RemedialActionQuerySet
from workstreams.http import ProgrammeRequest


def _owners(request: ProgrammeRequest) -> QuerySet[User]:
    actions = RemedialAction.objects.of_programme(request.programme)
    return User.objects.filter(pk__in=actions.values("owner")).order_by("full_name", "pk")


class RemedialActionFilter(WorkstreamFilter):
    """What the list of remedial actions shows."""

    state = django_filters.ChoiceFilter(
        label="State",
        method="in_state",
        empty_label="All",
        choices=[("open", "Not done yet"), ("overdue", "Overdue"), ("done", "Done")],
    )
    owner = django_filters.ModelChoiceFilter(label="Owner", queryset=_owners, empty_label="All")

    class Meta:
        model = RemedialAction
        form = FilterForm
        fields = ("state", "owner", "workstream")

    def in_state(
        self, actions: RemedialActionQuerySet, name: str, state: str
    ) -> RemedialActionQuerySet:
        match state:
            case "overdue":
                return actions.overdue(on=self.request.programme.today())
            case "done":
                return actions.done()
            case _:
                return actions.open()
