from datetime import date

import pytest
from django.urls import reverse

from governance.models import RiskLevel
from tests.factories.governance import RiskFactory


@pytest.mark.parametrize(
    ("name", "code", "shown"),
    [
        ("workstream_detail", "WS2", ["R-001", "R-002"]),
        ("project_detail", "WS2-P3", ["R-001"]),
    ],
)
def test_a_work_stream_and_a_project_show_their_open_risks(
    risk, workstream, client_of, auditor, local_owner, name, code, shown
):
    RiskFactory(project=None, workstream=workstream, level=RiskLevel.WORKSTREAM, number=2)
    RiskFactory(project=risk.project, number=3, closed_date=date(2016, 3, 1), closed_because="Done")
    address = reverse(f"reports:{name}", args=["las-2016", code])

    text = client_of(auditor).get(address).content.decode()

    assert [label for label in ("R-001", "R-002", "R-003") if label in text] == shown
    assert "Record a risk or an issue" not in text
    owner_sees = client_of(local_owner).get(address).content.decode()
    assert (f"?place={code}" in owner_sees) is (name == "project_detail")
