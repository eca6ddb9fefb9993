class WrongState(Exception):
    """The record is no longer (or not yet) where this act is possible; a sentence for the user."""


class PlanMoved(WrongState):
    """The plan changed after the request was made, so approving it would mean something else."""


class StaleRecord(WrongState):
    """Somebody else changed the record after the page was opened; both texts must be shown."""
