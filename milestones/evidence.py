"""Files and links that show that a milestone was done. None of them changes its version."""

import secrets
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from milestones.assurance import WrongState, is_assured
from milestones.models import Evidence, Milestone
from milestones.scanning import refuse_viruses
from milestones.services import require_update
from milestones.uploads import LARGEST_FILE, CheckedFile, check_link, check_upload
from milestones.writing import locked

LONGEST_TITLE = 200


@dataclass(frozen=True)
class EvidenceRow:
    """One piece of evidence on a page, and whether the person may take it off."""

    evidence: Evidence
    may_remove: bool


def add_file(*, milestone_id: int, by: User, title: str, upload: UploadedFile) -> Evidence:
    """Keep a file as evidence: under a random name, with its SHA-256.

    Raises PermissionDenied, and ValidationError by field for a file that may not be kept.
    """
    milestone = Milestone.objects.with_people().get(pk=milestone_id)
    require_update(milestone=milestone, by=by)
    title = _checked_title(title)
    # One byte too many tells the limit; no more of it comes into memory.
    content = upload.read(LARGEST_FILE + 1)
    try:
        checked = check_upload(content, name=upload.name or "")
        # Before the transaction: nobody waits for a lock while the scanner looks.
        refuse_viruses(content)
    except ValidationError as error:
        raise ValidationError({"file": error.messages}) from None
    return _store(checked, content, milestone_id=milestone_id, by=by, title=title)


@transaction.atomic
def _store(
    checked: CheckedFile, content: bytes, *, milestone_id: int, by: User, title: str
) -> Evidence:
    milestone = _open_to(milestone_id, by)
    evidence = Evidence(
        file_name=checked.name,
        content_type=checked.content_type,
        size=checked.size,
        sha256=checked.sha256,
    )
    name = f"evidence/{secrets.token_urlsafe(24)}"
    evidence.file.save(name, ContentFile(content), save=False)
    return _add(evidence, milestone, by=by, title=title, what=checked.sha256)


@transaction.atomic
def add_link(*, milestone_id: int, by: User, title: str, url: str) -> Evidence:
    """Keep a link (http or https) as evidence. Raises what ``add_file`` does."""
    milestone = _open_to(milestone_id, by)
    title = _checked_title(title)
    try:
        evidence = Evidence(url=check_link(url))
    except ValidationError as error:
        raise ValidationError({"url": error.messages}) from None
    return _add(evidence, milestone, by=by, title=title, what=evidence.url)


@transaction.atomic
def remove(*, evidence_id: int, by: User) -> Evidence:
    """Take a piece of evidence off a milestone; its row and its file stay.

    Raises PermissionDenied for who neither added it nor is the PMO, and WrongState when it was
    taken off already or the completion was assured with it.
    """
    # The milestone first: whoever assures the completion meanwhile waits, or is waited for.
    milestone = locked(Evidence.objects.values_list("milestone", flat=True).get(pk=evidence_id))
    evidence = Evidence.objects.select_for_update().get(pk=evidence_id)
    evidence.milestone = milestone
    if not by.has_perm("milestones.remove_evidence", evidence):
        raise PermissionDenied("Only who added a piece of evidence, or the PMO, removes it.")
    if evidence.removed_date:
        raise WrongState(f"“{evidence.title}” was removed already, by {evidence.removed_by}.")
    if is_assured(milestone):
        raise WrongState(
            f"{milestone.reference} was assured with this evidence, so it stays on the record."
        )
    evidence.removed_by, evidence.removed_date = by, milestone.programme.today()
    evidence.save(update_fields=["removed_by", "removed_date"])
    details = {"title": evidence.title, "what": evidence.sha256 or evidence.url}
    audit.record(actor=by, action="evidence.removed", target=milestone, details=details)
    return evidence


def evidence_rows(milestone: Milestone, *, of: User) -> list[EvidenceRow]:
    """Give a milestone's evidence as a person sees it, what was taken off included."""
    is_settled = is_assured(milestone)
    may_all = of.has_perm("milestones.remove_evidence", milestone)
    return [
        EvidenceRow(
            evidence,
            may_remove=not is_settled
            and not evidence.removed_date
            and (may_all or evidence.added_by_id == of.pk),
        )
        for evidence in milestone.evidence.for_panel()
    ]


def _open_to(milestone_id: int, by: User) -> Milestone:
    milestone = locked(milestone_id)
    require_update(milestone=milestone, by=by)
    return milestone


def _checked_title(title: str) -> str:
    title = title.strip()
    if not title:
        raise ValidationError({"title": "Say what it shows"})
    if len(title) > LONGEST_TITLE:
        message = f"What it shows must be {LONGEST_TITLE} characters or fewer"
        raise ValidationError({"title": message})
    return title


def _add(evidence: Evidence, milestone: Milestone, *, by: User, title: str, what: str) -> Evidence:
    evidence.milestone, evidence.title = milestone, title
    evidence.added_by, evidence.added_date = by, milestone.programme.today()
    evidence.added_at = timezone.now()
    evidence.save(force_insert=True)
    details = {"title": title, "what": what}
    audit.record(actor=by, action="evidence.added", target=milestone, details=details)
    return evidence
