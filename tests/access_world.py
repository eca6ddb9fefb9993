"""A programme with one of each thing that an address can name."""

from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from governance import change_requests, review
from governance.models import ExceptionReport, Meeting, MeetingKind, Outcome, RemedialAction
from governance.proposals import Proposal
from metrics.models import Annotation, MeasurementFile, Rebase
from milestones import evidence
from milestones.models import Dependency
from milestones.services import set_baseline
from reports.models import Audience, Delivery, Recipient
from reports.months import freeze_month
from reports.packs import render_due_packs
from reports.rendering import PackKind
from tests.factories.governance import RiskFactory
from tests.factories.metrics import IndicatorFactory
from tests.factories.milestones import MilestoneFactory
from tests.factories.workstreams import (
    CqcActionFactory,
    EnablerFactory,
    PartnerCommitmentFactory,
    ProjectFactory,
)
from workstreams.models import Membership, Role
from workstreams.months import open_month


def fill(programme, workstream, lead, owner, pmo):
    """Put one of each thing into a programme; give the keys that only the database knows."""
    project = ProjectFactory(workstream=workstream, local_owner=owner)
    cqc_action = CqcActionFactory(workstream=workstream, reference="WS2-M1", local_owner=owner)
    cqc_action.projects.add(project)
    indicator = IndicatorFactory(workstream=workstream, reference="WS2-I1", local_owner=owner)
    said = {"indicator": indicator, "month": date(2016, 2, 1), "made_by": pmo}
    rebase = Rebase.objects.create(**said, reason="New pathway", made_at=timezone.now())
    annotation = Annotation.objects.create(**said, text="New pathway", made_at=timezone.now())
    milestone = MilestoneFactory(
        project=project,
        reference="WS2-P3-03",
        lead_director=lead,
        local_owner=owner,
        planned_date=date(2016, 2, 29),
    )
    set_baseline(milestone_id=milestone.pk, by=pmo)
    piece = evidence.add_file(
        milestone_id=milestone.pk,
        by=pmo,
        title="Minutes",
        upload=SimpleUploadedFile("minutes.txt", b"Agreed."),
    )
    review.raise_exceptions(programme_id=programme.pk, as_of=programme.today())
    report = ExceptionReport.objects.get(programme=programme, milestone=milestone)
    action = RemedialAction.objects.create(
        exception=report, text="Train the trainers", owner=owner, due_date=date(2016, 3, 31)
    )
    change_requests.raise_change_request(
        milestone_id=milestone.pk,
        by=owner,
        submit=False,
        proposal=Proposal(planned_date=date(2016, 6, 4), reason="Late", delivery_impact="None"),
    )
    RiskFactory(project=project, number=1, owner=owner)
    EnablerFactory(programme=programme, code="E1", local_owner=owner)
    PartnerCommitmentFactory(programme=programme, position=1, local_owner=owner)
    audience = Audience.objects.create(
        programme=programme, code="cqrg", name="CQRG", kind=PackKind.PROGRESS, position=1
    )
    recipient = Recipient.objects.create(audience=audience, name="Reader", email="r@las.example")
    month = open_month(programme, date(2016, 2, 1))
    freeze_month(month_id=month.pk, by=pmo)
    render_due_packs()
    member = Membership.objects.get(programme=programme, user=owner)
    before = MilestoneFactory(project=project, reference="WS2-P3-02", planned_date=None)
    return {
        **meeting_keys(programme, workstream, owner=owner, pmo=pmo, report=report),
        "dependency": Dependency.objects.create(predecessor=before, successor=milestone).pk,
        "sub_task": milestone.sub_tasks.create(title="Agree the form", position=1).pk,
        "evidence": piece.pk,
        "action": action.pk,
        "rebase": rebase.pk,
        "value_file": MeasurementFile.objects.create(
            programme=programme,
            file_name="values.csv",
            rows=[],
            uploaded_by=pmo,
            uploaded_at=timezone.now(),
        ).pk,
        "annotation": annotation.pk,
        "recipient": recipient.pk,
        "delivery": Delivery.objects.create(
            pack=audience.packs.get(),
            recipient=recipient,
            email=recipient.email,
            message_id=f"<{programme.slug}>",
        ).pk,
        "view": programme.saved_views.create(name="Late", shared_with=Role.AUDITOR).pk,
        "member": member.pk,
        "owner": owner.pk,
    }


def meeting_keys(programme, workstream, *, owner, pmo, report):
    """Put a work stream meeting with an action, and a decision, into a programme; give the keys."""
    meeting = Meeting.objects.create(
        programme=programme,
        kind=MeetingKind.WORKSTREAM,
        workstream=workstream,
        held_date=date(2016, 3, 11),
    )
    action = meeting.actions.create(text="Bring the plan", owner=owner, due_date=date(2016, 3, 31))
    decision = report.decisions.create(
        programme=programme,
        outcome=Outcome.RETURNED,
        comment="Name the owner",
        chairs_action_reason="The CQC asked today",
        decided_by=pmo,
        decided_date=date(2016, 3, 11),
        decided_at=timezone.now(),
    )
    return {"meeting": meeting.pk, "meeting_action": action.pk, "decision": decision.pk}
