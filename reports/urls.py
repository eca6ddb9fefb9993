from django.urls import path

from governance.cqc import CqcEvent
from reports.views import (
    chasing,
    commentary,
    cqc,
    dashboard,
    data_quality,
    deliveries,
    home,
    journal,
    minutes,
    months,
    my_work,
    packs,
    plan,
    search,
    settings,
    tour,
    trace,
)
from workstreams import converters  # noqa: F401 (registers <month:…>)

app_name = "reports"
urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("home/", home.role_home, name="role_home"),
    path("my-work/", my_work.my_work, name="my_work"),
    path("my-work/on-track/", my_work.my_work_on_track, name="my_work_on_track"),
    path("my-work/milestones/<str:reference>/", my_work.my_work_save, name="my_work_save"),
    path("my-work/indicators/<str:reference>/", my_work.my_work_measure, name="my_work_measure"),
    path("my-work/actions/<int:pk>/done/", my_work.my_work_action_done, name="my_work_action_done"),
    path(
        "my-work/meeting-actions/<int:pk>/done/",
        my_work.my_work_meeting_action_done,
        name="my_work_meeting_action_done",
    ),
    path("tour/", tour.tour, name="tour"),
    path("tour/close/", tour.tour_close, name="tour_close"),
    path("data-quality/", data_quality.data_quality_page, name="data_quality"),
    path("search/", search.search_page, name="search"),
    path("definitions/", plan.definitions, name="definitions"),
    path("plan/", plan.about_plan, name="plan"),
    path("work-streams/<str:code>/", plan.workstream_detail, name="workstream_detail"),
    path("projects/<str:code>/", plan.project_detail, name="project_detail"),
    path("cqc-actions/", cqc.cqc_action_list, name="cqc_action_list"),
    path("cqc-actions/<str:reference>/", cqc.cqc_action_detail, name="cqc_action_detail"),
    path("cqc-actions/<str:reference>/owner/", cqc.cqc_owner, name="cqc_owner"),
    path("cqc-actions/<str:reference>/evidence/", cqc.cqc_evidence, name="cqc_evidence"),
    *(
        path(
            f"cqc-actions/<str:reference>/{event.value}/",
            cqc.cqc_step,
            {"event": event},
            name=f"cqc_{event.value}",
        )
        for event in CqcEvent
    ),
    path("months/", months.month_list, name="month_list"),
    path("months/<month:month>/", months.month_detail, name="month_detail"),
    path("months/<month:month>/freeze/", months.month_freeze, name="month_freeze"),
    path("months/<month:month>/sign-off/", months.month_sign_off, name="month_sign_off"),
    path("months/<month:month>/issue/", months.month_issue, name="month_issue"),
    path("months/<month:month>/reopen/", months.month_reopen, name="month_reopen"),
    path("months/<month:month>/chase/", chasing.month_chase_all, name="month_chase_all"),
    path("months/<month:month>/chase/<int:pk>/", chasing.month_chase, name="month_chase"),
    path("months/<month:month>/progress/", packs.month_progress, name="month_progress"),
    path(
        "months/<month:month>/commentary/<slug:section>/",
        commentary.commentary_edit,
        name="commentary_edit",
    ),
    path("months/<month:month>/<slug:audience>.pdf", packs.pack_download, name="pack_download"),
    path(
        "months/<month:month>/v<int:version>/<slug:audience>.pdf",
        packs.pack_of_version,
        name="pack_of_version",
    ),
    path(
        "months/<month:month>/preview/<slug:audience>.pdf",
        packs.pack_preview,
        name="pack_preview",
    ),
    path("months/<month:month>/packs/<slug:audience>/retry/", packs.pack_retry, name="pack_retry"),
    path(
        "months/<month:month>/deliveries/<int:pk>/",
        deliveries.delivery_detail,
        name="delivery_detail",
    ),
    path(
        "months/<month:month>/deliveries/<int:pk>/send-again/",
        deliveries.delivery_send_again,
        name="delivery_send_again",
    ),
    path(
        "months/<month:month>/deliveries/<int:pk>/delivered/",
        deliveries.delivery_mark,
        name="delivery_mark",
    ),
    path(
        "months/<month:month>/deliveries/<int:pk>/bounce/",
        deliveries.delivery_bounce,
        name="delivery_bounce",
    ),
    path("meetings/<int:pk>/minutes.pdf", minutes.meeting_minutes, name="meeting_minutes"),
    path("trace/", trace.trace, name="trace"),
    path("trace/<slug:kind>/<str:key>/", trace.trace_detail, name="trace_detail"),
    path("journal/", journal.journal, name="journal"),
    path("settings/", settings.settings_page, name="settings"),
    path("settings/members/add/", settings.member_add, name="member_add"),
    path("settings/members/<int:pk>/remove/", settings.member_remove, name="member_remove"),
    path("settings/recipients/add/", settings.recipient_add, name="recipient_add"),
    path(
        "settings/recipients/<int:pk>/remove/", settings.recipient_remove, name="recipient_remove"
    ),
]
