from milestones.models.evidence import Assurance, AssuranceOutcome, Evidence
from milestones.models.history import (
    FieldChange,
    MilestoneUpdate,
    MilestoneUpdateQuerySet,
    PlanVersion,
    UpdateChannel,
)
from milestones.models.milestone import (
    Dependency,
    DueWindow,
    Milestone,
    MilestoneQuerySet,
    MissingFact,
    SubTask,
)
from milestones.models.saved_view import SavedView
from milestones.models.status import MilestoneStatus

__all__ = [
    "Assurance",
    "AssuranceOutcome",
    "Dependency",
    "DueWindow",
    "Evidence",
    "FieldChange",
    "Milestone",
    "MilestoneQuerySet",
    "MilestoneStatus",
    "MilestoneUpdate",
    "MilestoneUpdateQuerySet",
    "MissingFact",
    "PlanVersion",
    "SavedView",
    "SubTask",
    "UpdateChannel",
]
