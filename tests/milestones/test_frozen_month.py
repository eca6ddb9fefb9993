from datetime import date

import pytest

from tests.milestones.answers import update_data, url
from workstreams.models import MonthState
from workstreams.months import open_month


@pytest.mark.parametrize("is_frozen_meanwhile", [True, False])
def test_an_update_sent_after_its_month_was_frozen_says_which_month_has_it(
    client_of, milestone, local_owner, is_frozen_meanwhile
):
    milestone.local_owner = local_owner
    milestone.save(update_fields=["local_owner"])
    month = open_month(milestone.programme, date(2016, 3, 1))
    client = client_of(local_owner)
    shown = client.get(url("milestone_update", milestone)).context["form"]["month_shown"].value()
    if is_frozen_meanwhile:
        month.state = MonthState.FROZEN
        month.save(update_fields=["state"])

    response = client.post(
        url("milestone_update", milestone), update_data(milestone, month_shown=shown), follow=True
    )

    text = response.content.decode()
    said = "was frozen while you were typing, so this is your update for April 2016."
    assert shown == "2016-03"
    assert (said in text) == is_frozen_meanwhile
    expected = date(2016, 4, 1) if is_frozen_meanwhile else date(2016, 3, 1)
    assert milestone.updates.get().month.month == expected
