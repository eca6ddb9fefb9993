from django.urls import include, path

from governance import views

app_name = "governance"

exceptions = [
    path("", views.ExceptionListView.as_view(), name="exception_list"),
    path("<int:number>/", views.exception_detail, name="exception_detail"),
    path("<int:number>/report/", views.exception_report, name="exception_report"),
    path("<int:number>/decide/", views.exception_decide, name="exception_decide"),
]
remedial_actions = [
    path("", views.RemedialActionListView.as_view(), name="remedial_action_list"),
    path("<int:pk>/done/", views.remedial_action_done, name="remedial_action_done"),
    path("<int:pk>/move/", views.remedial_action_move, name="remedial_action_move"),
]
change_requests = [
    path("", views.ChangeRequestListView.as_view(), name="change_request_list"),
    path("new/", views.change_request_create, name="change_request_create"),
    path("<int:number>/", views.change_request_detail, name="change_request_detail"),
    path("<int:number>/edit/", views.change_request_edit, name="change_request_edit"),
    path("<int:number>/endorse/", views.change_request_endorse, name="change_request_endorse"),
    path("<int:number>/check/", views.change_request_check, name="change_request_check"),
    path("<int:number>/withdraw/", views.change_request_withdraw, name="change_request_withdraw"),
    path("<int:number>/decide/", views.change_request_decide, name="change_request_decide"),
]
risks = [
    path("", views.RiskListView.as_view(), name="risk_list"),
    path("new/", views.risk_create, name="risk_create"),
    path("<int:number>/", views.risk_detail, name="risk_detail"),
    path("<int:number>/edit/", views.risk_edit, name="risk_edit"),
    path("<int:number>/review/", views.risk_act, {"act": "review"}, name="risk_review"),
    path("<int:number>/promote/", views.risk_act, {"act": "promote"}, name="risk_promote"),
    path("<int:number>/happened/", views.risk_act, {"act": "happened"}, name="risk_happened"),
    path("<int:number>/close/", views.risk_act, {"act": "close"}, name="risk_close"),
    path("<int:number>/reopen/", views.risk_act, {"act": "reopen"}, name="risk_reopen"),
]
meetings = [
    path("", views.MeetingListView.as_view(), name="meeting_list"),
    path("new/", views.meeting_create, name="meeting_create"),
    path("<int:pk>/", views.meeting_detail, name="meeting_detail"),
    path("<int:pk>/edit/", views.meeting_edit, name="meeting_edit"),
    path("<int:pk>/close/", views.meeting_close, name="meeting_close"),
    path("<int:pk>/actions/add/", views.meeting_action_add, name="meeting_action_add"),
    path("<int:pk>/ratify/<int:decision>/", views.meeting_ratify, name="meeting_ratify"),
]
urlpatterns = [
    path("exceptions/", include(exceptions)),
    path("remedial-actions/", include(remedial_actions)),
    path("change-requests/", include(change_requests)),
    path("decisions/", views.decision_queue, name="decision_queue"),
    path("risks/", include(risks)),
    path("enablers/", views.enabler_list, name="enabler_list"),
    path("enablers/<str:code>/", views.enabler_detail, name="enabler_detail"),
    path("enablers/<str:code>/owner/", views.enabler_owner, name="enabler_owner"),
    path("commitments/<int:position>/", views.commitment_detail, name="commitment_detail"),
    path("commitments/<int:position>/owner/", views.commitment_owner, name="commitment_owner"),
    path("decisions/<int:pk>/supersede/", views.decision_supersede, name="decision_supersede"),
    path("meetings/", include(meetings)),
    path("meeting-actions/<int:pk>/edit/", views.meeting_action_edit, name="meeting_action_edit"),
    path("meeting-actions/<int:pk>/done/", views.meeting_action_done, name="meeting_action_done"),
]
