from datetime import date
from importlib import import_module

import pytest
from django.apps import apps

from governance.models import Change, ChangeRequest
from tests.factories.governance import ChangeRequestFactory

migration = import_module("governance.migrations.0007_changes_of_earlier_requests")


@pytest.mark.parametrize(("state", "is_applied"), [("checked", False), ("approved", True)])
def test_a_request_from_before_keeps_the_date_that_it_asked_for(milestone, state, is_applied):
    earlier = ChangeRequestFactory(
        milestone=milestone,
        old_planned_date=date(2016, 4, 30),
        old_planned_precision="month",
        proposed_planned_date=date(2016, 6, 10),
        proposed_planned_precision="day",
    )
    Change.objects.all().delete()
    ChangeRequest.objects.update(state=state)
    later = ChangeRequestFactory(milestone__project=milestone.project)

    # Run twice, as after a failure: nothing is there twice.
    migration.give_changes(apps, None)
    migration.give_changes(apps, None)

    request = ChangeRequest.objects.with_subject().get(pk=earlier.pk)
    assert [(line.old, line.new, line.difference) for line in request.lines] == [
        ("Apr 2016", "10 Jun 2016", "41 days later")
    ]
    assert request.changes.get().is_applied == is_applied
    assert later.changes.count() == 1
