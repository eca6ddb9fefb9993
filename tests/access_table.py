"""Every address of the product with who may read it and who may post to it."""

from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse

LIVE = {
    "pmo_administrator",
    "pmo_officer",
    "executive_lead",
    "local_owner",
    "elt_member",
    "auditor",
}
PMO = {"pmo_administrator", "pmo_officer"}
OWN = PMO | {"executive_lead", "local_owner"}
COMMENT = PMO | {"executive_lead"}
# The tests' executive lead sits on the ELT too, as the trust's directors do, and so signs off;
# but everything here lies in the own work stream, which a lead does not decide.
ELT = {"elt_member", "executive_lead"}
DECIDERS = {"elt_member"}
# The meeting here is of the lead's own work stream.
KEEPERS = PMO | {"executive_lead"}
EVERYBODY = LIVE | {"external_reader"}
METHODS = ("get", "head", "post", "put", "patch", "delete", "trace")


@dataclass(frozen=True)
class Row:
    """Who may read and who may post to an address; what is not said is refused."""

    read: set[str] | None = None
    write: set[str] | None = None
    keys: dict[str, str] = field(default_factory=dict)


MILESTONE = {"reference": "WS2-P3-03"}
INDICATOR = {"reference": "WS2-I1"}
ACTION = {"reference": "WS2-M1"}
NUMBER = {"number": "1"}
MONTH = {"month": date(2016, 2, 1)}
DELIVERY = {**MONTH, "pk": "delivery"}
PAGES = {
    # Posted to, it saves a row.
    "milestones:milestone_list": Row(LIVE, OWN),
    "milestones:bulk_change": Row(OWN, OWN),
    "milestones:saved_view_add": Row(None, LIVE),
    "milestones:saved_view_delete": Row(None, PMO, {"pk": "view"}),
    "milestones:timeline": Row(LIVE),
    "milestones:milestone_detail": Row(LIVE, keys=MILESTONE),
    "milestones:milestone_update": Row(OWN, OWN, MILESTONE),
    "milestones:milestone_baseline": Row(None, PMO, MILESTONE),
    "milestones:milestone_edit": Row(PMO, PMO, MILESTONE),
    "milestones:baselines": Row(PMO, PMO),
    "milestones:dependency_conflicts": Row(LIVE),
    "milestones:dependency_add": Row(PMO, PMO, MILESTONE),
    "milestones:dependency_remove": Row(None, PMO, {**MILESTONE, "pk": "dependency"}),
    "milestones:sub_task_add": Row(OWN, OWN, MILESTONE),
    "milestones:sub_task_edit": Row(OWN, OWN, {**MILESTONE, "pk": "sub_task"}),
    "milestones:sub_task_done": Row(None, OWN, {**MILESTONE, "pk": "sub_task"}),
    "milestones:sub_task_remove": Row(None, OWN, {**MILESTONE, "pk": "sub_task"}),
    "milestones:evidence_add": Row(OWN, OWN, MILESTONE),
    "milestones:evidence_download": Row(LIVE, keys={**MILESTONE, "pk": "evidence"}),
    # The PMO added it, so nobody else removes it.
    "milestones:evidence_remove": Row(None, PMO, {**MILESTONE, "pk": "evidence"}),
    "milestones:milestone_assure": Row(PMO | ELT, PMO | ELT, MILESTONE),
    "metrics:indicator_list": Row(LIVE),
    "metrics:indicator_detail": Row(LIVE, keys=INDICATOR),
    "metrics:value_grid": Row(OWN, OWN, {"code": "WS2"}),
    "metrics:value_import": Row({"pmo_administrator"}, {"pmo_administrator"}),
    "metrics:value_import_confirm": Row(
        {"pmo_administrator"}, {"pmo_administrator"}, {"pk": "value_file"}
    ),
    "metrics:value_download": Row(LIVE, keys={"sheet": "values", "ending": "csv"}),
    "metrics:measurement_record": Row(OWN, OWN, INDICATOR),
    "metrics:indicator_edit": Row(PMO, PMO, INDICATOR),
    "metrics:trajectory_edit": Row(LIVE, PMO, INDICATOR),
    "metrics:trajectory_baseline": Row(None, PMO, INDICATOR),
    "metrics:rebase_create": Row(PMO, PMO, INDICATOR),
    "metrics:rebase_remove": Row(None, PMO, {**INDICATOR, "pk": "rebase"}),
    "metrics:annotation_create": Row(OWN, OWN, INDICATOR),
    "metrics:annotation_remove": Row(None, OWN, {**INDICATOR, "pk": "annotation"}),
    "governance:exception_list": Row(LIVE),
    "governance:exception_detail": Row(LIVE, keys=NUMBER),
    "governance:exception_report": Row(OWN, OWN, NUMBER),
    "governance:exception_decide": Row(DECIDERS, DECIDERS, NUMBER),
    "governance:remedial_action_list": Row(LIVE),
    "governance:remedial_action_done": Row(None, OWN, {"pk": "action"}),
    "governance:remedial_action_move": Row(OWN, OWN, {"pk": "action"}),
    "governance:change_request_list": Row(LIVE),
    "governance:change_request_create": Row(OWN, OWN),
    "governance:change_request_detail": Row(LIVE, keys=NUMBER),
    "governance:change_request_edit": Row(OWN, OWN, NUMBER),
    "governance:change_request_endorse": Row(None, {"executive_lead"}, NUMBER),
    "governance:change_request_check": Row(None, PMO, NUMBER),
    "governance:change_request_withdraw": Row(None, OWN, NUMBER),
    "governance:change_request_decide": Row(DECIDERS, DECIDERS, NUMBER),
    "governance:decision_queue": Row(LIVE),
    "governance:risk_list": Row(LIVE),
    "governance:risk_create": Row(OWN, OWN),
    "governance:risk_detail": Row(LIVE, keys=NUMBER),
    **{
        f"governance:risk_{act}": Row(OWN, OWN, NUMBER)
        for act in ("edit", "review", "promote", "happened", "close", "reopen")
    },
    "governance:enabler_list": Row(LIVE),
    "governance:enabler_detail": Row(LIVE, PMO | {"local_owner"}, {"code": "E1"}),
    "governance:enabler_owner": Row(None, PMO, {"code": "E1"}),
    "governance:commitment_detail": Row(LIVE, PMO | {"local_owner"}, {"position": "1"}),
    "governance:commitment_owner": Row(None, PMO, {"position": "1"}),
    "governance:decision_supersede": Row(DECIDERS, DECIDERS, {"pk": "decision"}),
    "governance:meeting_list": Row(LIVE),
    # The lead may only plan meetings of the own work stream: the form offers no other.
    "governance:meeting_create": Row(KEEPERS, KEEPERS),
    "governance:meeting_detail": Row(LIVE, keys={"pk": "meeting"}),
    "governance:meeting_edit": Row(KEEPERS, KEEPERS, {"pk": "meeting"}),
    "governance:meeting_close": Row(None, KEEPERS, {"pk": "meeting"}),
    "governance:meeting_action_add": Row(None, KEEPERS, {"pk": "meeting"}),
    "governance:meeting_action_edit": Row(KEEPERS, KEEPERS, {"pk": "meeting_action"}),
    # Its owner and the PMO.
    "governance:meeting_action_done": Row(None, PMO | {"local_owner"}, {"pk": "meeting_action"}),
    "governance:meeting_ratify": Row(None, DECIDERS, {"pk": "meeting", "decision": "decision"}),
    "reports:dashboard": Row(LIVE),
    "reports:my_work": Row(LIVE),
    "reports:my_work_save": Row(OWN, OWN, MILESTONE),
    "reports:my_work_on_track": Row(OWN, OWN),
    "reports:my_work_measure": Row(OWN, OWN, INDICATOR),
    "reports:my_work_action_done": Row(None, OWN, {"pk": "action"}),
    "reports:my_work_meeting_action_done": Row(
        None, PMO | {"local_owner"}, {"pk": "meeting_action"}
    ),
    "reports:meeting_minutes": Row(LIVE, keys={"pk": "meeting"}),
    # Leads whoever leads nothing on to their own first page.
    "reports:role_home": Row(LIVE),
    "reports:tour": Row(LIVE),
    "reports:tour_close": Row(None, LIVE),
    "reports:data_quality": Row(LIVE),
    # Finds only what the role may see: for an external reader, issued packs.
    "reports:search": Row(EVERYBODY),
    # What the words in a pack mean, for every reader of packs.
    "reports:definitions": Row(EVERYBODY),
    "reports:plan": Row(LIVE),
    "reports:workstream_detail": Row(LIVE, keys={"code": "WS2"}),
    "reports:project_detail": Row(LIVE, keys={"code": "WS2-P3"}),
    "reports:cqc_action_list": Row(LIVE),
    "reports:cqc_action_detail": Row(LIVE, keys=ACTION),
    "reports:cqc_owner": Row(None, PMO, ACTION),
    "reports:cqc_evidence": Row(None, LIVE, ACTION),
    "reports:cqc_claim": Row(None, PMO | {"local_owner"}, ACTION),
    "reports:cqc_submit": Row(None, PMO | {"local_owner"}, ACTION),
    "reports:cqc_assure": Row(None, PMO | ELT, ACTION),
    "reports:cqc_embed": Row(None, PMO | ELT, ACTION),
    "reports:cqc_reopen": Row(None, OWN | ELT, ACTION),
    "reports:trace": Row(LIVE),
    "reports:trace_detail": Row(LIVE, keys={"kind": "milestone", "key": "WS2-P3-03"}),
    "reports:month_list": Row(EVERYBODY),
    "reports:month_detail": Row(LIVE, keys=MONTH),
    "reports:month_freeze": Row(None, PMO, MONTH),
    "reports:month_sign_off": Row(None, ELT, MONTH),
    "reports:month_issue": Row(None, PMO, MONTH),
    "reports:month_reopen": Row(None, PMO, MONTH),
    "reports:month_chase": Row(None, PMO, {**MONTH, "pk": "owner"}),
    "reports:month_chase_all": Row(None, PMO, MONTH),
    "reports:month_progress": Row(LIVE, keys=MONTH),
    "reports:commentary_edit": Row(COMMENT, COMMENT, {**MONTH, "section": "WS2"}),
    "reports:pack_preview": Row(LIVE, keys={**MONTH, "audience": "cqrg"}),
    "reports:pack_of_version": Row(LIVE, keys={**MONTH, "version": "1", "audience": "cqrg"}),
    "reports:pack_retry": Row(None, PMO, {**MONTH, "audience": "cqrg"}),
    # Not issued yet, so nobody outside sees it.
    "reports:pack_download": Row(LIVE, keys={**MONTH, "audience": "cqrg"}),
    "reports:delivery_detail": Row(LIVE, keys=DELIVERY),
    "reports:delivery_send_again": Row(None, PMO, DELIVERY),
    "reports:delivery_mark": Row(None, PMO, DELIVERY),
    "reports:delivery_bounce": Row(None, PMO, DELIVERY),
    "reports:journal": Row(PMO | {"auditor"}),
    "reports:settings": Row({"pmo_administrator"}, {"pmo_administrator"}),
    "reports:member_add": Row(None, {"pmo_administrator"}),
    "reports:member_remove": Row(None, {"pmo_administrator"}, {"pk": "member"}),
    "reports:recipient_add": Row(None, {"pmo_administrator"}),
    "reports:recipient_remove": Row(None, {"pmo_administrator"}, {"pk": "recipient"}),
}
# Pages of no programme: for everybody who is signed in, or for everybody at all.
# The signature of a pack's link is its permission (tests/reports/test_pack_links.py).
SITE_PAGES = {"home", "pack_link", "health_live", "health_ready"}


def address(name, slug, ids):
    keys = {key: ids.get(value, value) for key, value in PAGES[name].keys.items()}
    url = reverse(name, kwargs={"programme": slug, **keys})
    return f"{url}?milestone=WS2-P3-03" if name.endswith("change_request_create") else url
