from governance.views.asking import change_request_create, change_request_edit
from governance.views.change_requests import (
    ChangeRequestListView,
    change_request_check,
    change_request_decide,
    change_request_detail,
    change_request_endorse,
    change_request_withdraw,
)
from governance.views.decisions import decision_queue, decision_supersede
from governance.views.enablers import (
    commitment_detail,
    commitment_owner,
    enabler_detail,
    enabler_list,
    enabler_owner,
)
from governance.views.exceptions import (
    ExceptionListView,
    exception_decide,
    exception_detail,
    exception_report,
)
from governance.views.meetings import (
    MeetingListView,
    meeting_action_add,
    meeting_action_done,
    meeting_action_edit,
    meeting_close,
    meeting_create,
    meeting_detail,
    meeting_edit,
    meeting_ratify,
)
from governance.views.remedial_actions import (
    RemedialActionListView,
    remedial_action_done,
    remedial_action_move,
)
from governance.views.risk_acts import risk_act
from governance.views.risks import RiskListView, risk_create, risk_detail, risk_edit

__all__ = [
    "ChangeRequestListView",
    "ExceptionListView",
    "MeetingListView",
    "RemedialActionListView",
    "RiskListView",
    "change_request_check",
    "change_request_create",
    "change_request_decide",
    "change_request_detail",
    "change_request_edit",
    "change_request_endorse",
    "change_request_withdraw",
    "commitment_detail",
    "commitment_owner",
    "decision_queue",
    "decision_supersede",
    "enabler_detail",
    "enabler_list",
    "enabler_owner",
    "exception_decide",
    "exception_detail",
    "exception_report",
    "meeting_action_add",
    "meeting_action_done",
    "meeting_action_edit",
    "meeting_close",
    "meeting_create",
    "meeting_detail",
    "meeting_edit",
    "meeting_ratify",
    "remedial_action_done",
    "remedial_action_move",
    "risk_act",
    "risk_create",
    "risk_detail",
    "risk_edit",
]
