from workstreams.models.month import MonthState, ReportingMonth
from workstreams.models.plan import (
    CqcAction,
    CqcLevel,
    Enabler,
    GovernanceGroup,
    Improvement,
    PartnerCommitment,
    Project,
    Workstream,
)
from workstreams.models.programme import Membership, Programme, Role

__all__ = [
    "CqcAction",
    "CqcLevel",
    "Enabler",
    "GovernanceGroup",
    "Improvement",
    "Membership",
    "MonthState",
    "PartnerCommitment",
    "Programme",
    "Project",
    "ReportingMonth",
    "Role",
    "Workstream",
]
