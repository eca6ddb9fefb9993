"""Who may do what: each permission of the product and the roles that have it, per programme.

An object asked about has a ``programme`` and, where it applies, a ``workstream`` and a
``local_owner_id``. What is not listed here is refused.
"""

from typing import Any

import rules

from accounts.models import User
from workstreams.models import Role
from workstreams.models.programme import LIVE_ROLES


def _holds(user: User, obj: Any, *roles: str) -> bool:
    return obj is not None and not obj.programme.roles_of(user).isdisjoint(roles)


@rules.predicate
def is_live_member(user: User, obj: Any) -> bool:
    """Has a role that sees the programme as it is now, so no external reader."""
    return _holds(user, obj, *LIVE_ROLES)


@rules.predicate
def is_pmo_administrator(user: User, obj: Any) -> bool:
    """Administers the programme."""
    return _holds(user, obj, Role.PMO_ADMINISTRATOR)


@rules.predicate
def is_pmo(user: User, obj: Any) -> bool:
    """Belongs to the Programme Management Office."""
    return _holds(user, obj, Role.PMO_ADMINISTRATOR, Role.PMO_OFFICER)


@rules.predicate
def is_elt_member(user: User, obj: Any) -> bool:
    """Belongs to the Executive Leadership Team."""
    return _holds(user, obj, Role.ELT_MEMBER)


@rules.predicate
def is_auditor(user: User, obj: Any) -> bool:
    """Audits the programme."""
    return _holds(user, obj, Role.AUDITOR)


@rules.predicate
def leads_workstream(user: User, obj: Any) -> bool:
    """Leads the object's work stream; for one of an enabler, is its lead director."""
    workstream = getattr(obj, "workstream", None)
    lead_id = workstream.executive_lead_id if workstream else getattr(obj, "lead_director_id", None)
    return lead_id == user.pk and _holds(user, obj, Role.EXECUTIVE_LEAD)


@rules.predicate
def owns(user: User, obj: Any) -> bool:
    """Is a local owner, and the one of this object."""
    is_owner = getattr(obj, "local_owner_id", None) == user.pk
    return is_owner and _holds(user, obj, Role.LOCAL_OWNER)


@rules.predicate
def is_its_owner(user: User, obj: Any) -> bool:
    """Is named as its local owner, whatever roles the person has."""
    return getattr(obj, "local_owner_id", None) == user.pk


@rules.predicate
def is_answerable(user: User, obj: Any) -> bool:
    """Is its owner or, where nobody is named, leads its work stream; whatever the roles."""
    owner_id = getattr(obj, "local_owner_id", None)
    workstream = getattr(obj, "workstream", None)
    return (owner_id or (workstream and workstream.executive_lead_id)) == user.pk


@rules.predicate
def answers_for(user: User, obj: Any) -> bool:
    """Is answerable, and has a role that may own something."""
    return is_answerable(user, obj) and _holds(user, obj, Role.LOCAL_OWNER, Role.EXECUTIVE_LEAD)


@rules.predicate
def owns_its_project(user: User, obj: Any) -> bool:
    """Owns the project that manages a risk; a promoted risk is no longer the project's."""
    project = getattr(obj, "project", None)
    if project is None or getattr(obj, "level", None) != "project":
        return False
    return project.local_owner_id == user.pk and _holds(user, obj, Role.LOCAL_OWNER)


@rules.predicate
def added_it(user: User, obj: Any) -> bool:
    """Added this object and is still a member."""
    return getattr(obj, "added_by_id", None) == user.pk and _holds(user, obj, *LIVE_ROLES)


PERMISSIONS = {
    "workstreams.view_programme": is_live_member,
    "workstreams.administer_programme": is_pmo_administrator,
    "milestones.update_milestone": is_pmo | leads_workstream | owns,
    "milestones.set_baseline": is_pmo,
    "milestones.remove_evidence": is_pmo | added_it,
    # A second person: the service also refuses who recorded the completion.
    "milestones.assure_milestone": (is_pmo | leads_workstream | is_elt_member) & ~is_its_owner,
    # Which milestones wait for which: no baselined field, so at any time.
    "milestones.link_milestones": is_pmo,
    "metrics.record_measurement": is_pmo | leads_workstream | owns,
    # How an indicator is read: its trajectory before the baseline, and the steps of its chart.
    "metrics.edit_indicator": is_pmo,
    "metrics.set_trajectory": is_pmo,
    "metrics.rebase": is_pmo,
    "metrics.annotate": is_pmo | leads_workstream | owns,
    "governance.raise_report": is_pmo | leads_workstream | owns,
    "governance.endorse": leads_workstream,
    "governance.check": is_pmo,
    "governance.decide": is_elt_member,
    # Asked of a risk, and of the project, work stream or programme that a new one belongs to.
    "governance.manage_risk": is_pmo | leads_workstream | answers_for | owns_its_project,
    # How an enabler or a partner's commitment stands this month, and who answers for it.
    "governance.write_line": is_pmo | answers_for,
    "governance.name_owner": is_pmo,
    # Planning, minuting and closing a meeting; deciding at one records who attended all the same.
    "governance.hold_meeting": is_pmo | leads_workstream,
    "governance.complete_meeting_action": is_pmo | (is_its_owner & is_live_member),
    # A CQC action: its owner says that it is complete and submits the evidence.
    "governance.claim_cqc_action": is_pmo | answers_for,
    # A second person: the service also refuses who claimed or submitted it.
    "governance.assure_cqc_action": (is_pmo | leads_workstream | is_elt_member) & ~is_answerable,
    "governance.reopen_cqc_action": is_pmo | leads_workstream | is_elt_member | answers_for,
    "reports.freeze_month": is_pmo,
    "reports.sign_off_month": is_elt_member,
    "reports.issue_month": is_pmo,
    "reports.reopen_month": is_pmo,
    "reports.write_commentary": is_pmo | leads_workstream,
    "reports.settle_delivery": is_pmo,
    "reports.chase": is_pmo,
    "accounts.read_journal": is_pmo | is_auditor,
}

for _name, _predicate in PERMISSIONS.items():
    rules.add_perm(_name, _predicate)
