from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from accounts.models import User
from metrics.models import Indicator
from milestones.models import Milestone, UpdateChannel
from milestones.writing import Act, write
from reports.audiences import create_standard_audiences
from reports.models import Recipient
from reports.rendering import PackKind
from workstreams.models import Membership, Programme, Project, Role


@dataclass(frozen=True)
class Person:
    """One demonstration user: the address before the @, the name, and the roles."""

    mailbox: str
    name: str
    roles: tuple[Role, ...]
    job_title: str = ""


def cast(programme: Programme) -> list[Person]:
    """Give the people of a programme: one per role, a lead and an owner per work stream."""
    people = [
        Person("pmo-admin", "PMO administrator", (Role.PMO_ADMINISTRATOR,)),
        Person("pmo", "PMO officer", (Role.PMO_OFFICER,)),
    ]
    for workstream in programme.workstreams.in_order():
        code, mailbox = workstream.code, workstream.code.lower()
        lead = Person(
            f"lead-{mailbox}",
            f"{code} executive lead",
            (Role.EXECUTIVE_LEAD, Role.ELT_MEMBER),
            workstream.executive_role,
        )
        people += [lead, Person(f"owner-{mailbox}", f"{code} local owner", (Role.LOCAL_OWNER,))]
    return [
        *people,
        Person("elt", "ELT member", (Role.ELT_MEMBER,)),
        Person("elt-2", "Second ELT member", (Role.ELT_MEMBER,)),
        Person("auditor", "Auditor", (Role.AUDITOR,)),
        Person("cqrg", "CQRG reader", (Role.EXTERNAL_READER,)),
    ]


def create_people(programme: Programme, *, domain: str, password: str) -> list[User]:
    """Create or renew the demonstration users of a programme and let them in with the password."""
    hashed = make_password(password)
    users = []
    for person in cast(programme):
        user, _ = User.objects.update_or_create(
            email=f"{person.mailbox}@{domain}",
            defaults={
                "full_name": person.name,
                "job_title": person.job_title,
                "password": hashed,
                "is_active": True,
            },
        )
        for role in person.roles:
            Membership.objects.get_or_create(programme=programme, user=user, role=role)
        users.append(user)
    return users


def make_accountable(programme: Programme, *, domain: str) -> None:
    """Give every work stream its lead, and what has nobody yet its lead director and owner.

    On a milestone's record nobody gave them: the plan file still decides on the milestone.
    """
    act = Act(by=None, channel=UpdateChannel.JOB)
    users = {user.email: user for user in User.objects.filter(email__endswith=f"@{domain}")}
    for workstream in programme.workstreams.in_order():
        mailbox = workstream.code.lower()
        lead, owner = users[f"lead-{mailbox}@{domain}"], users[f"owner-{mailbox}@{domain}"]
        workstream.executive_lead = lead
        workstream.save(update_fields=["executive_lead"])
        people = {"lead_director": lead, "local_owner": owner}
        Project.objects.filter(workstream=workstream, local_owner=None).update(**people)
        milestones = Milestone.objects.filter(project__workstream=workstream)
        for milestone in milestones.filter(local_owner=None).order_by("pk"):
            milestone.programme = programme
            write(milestone, seen_version=milestone.version, fields=people, act=act)
        indicators = Indicator.objects.filter(workstream=workstream)
        indicators.filter(local_owner=None).update(local_owner=owner)


def create_audiences(programme: Programme, *, domain: str) -> None:
    """Create the audiences of the packs, each but the public with an illustrative recipient."""
    create_standard_audiences(programme)
    users = {user.email: user for user in User.objects.filter(email__endswith=f"@{domain}")}
    for audience in programme.audiences.exclude(kind=PackKind.PUBLIC).in_order():
        email = f"{audience.code}@{domain}"
        Recipient.objects.get_or_create(
            audience=audience,
            email=email,
            defaults={"name": audience.name, "user": users.get(email)},
        )
