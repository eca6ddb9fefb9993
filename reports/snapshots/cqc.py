"""The CQC actions by their state."""

from collections import Counter
from typing import Any

from governance.models import CqcState, CqcStep
from workstreams.models import CqcAction, CqcLevel, Programme


def cqc_states_content(programme: Programme) -> list[dict[str, Any]]:
    """How many must-dos and should-dos are in each state; nothing for a plan without any."""
    states = {step.cqc_action_id: step.state for step in CqcStep.objects.newest_of(programme)}
    actions = CqcAction.objects.filter(programme=programme).values_list("pk", "level")
    counts = Counter((states.get(pk, CqcState.OPEN), level) for pk, level in actions)
    if not counts:
        return []
    return [
        {
            "state": state.value,
            "word": state.label,
            "must": counts[state, CqcLevel.MUST],
            "should": counts[state, CqcLevel.SHOULD],
        }
        for state in CqcState
    ]
