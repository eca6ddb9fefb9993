KEY = {
    "delivery": [
        ("complete", "Complete", "Done on or before the as-of day."),
        ("on_track", "On track", "Expected on or before the planned date."),
        ("delayed", "Delayed", "Expected 1 to 28 days after the planned date."),
        ("at_risk", "At risk", "Expected 29 days or more after the planned date."),
        ("no_date", "No date", "No planned date has been agreed."),
        ("withdrawn", "Withdrawn", "Taken out by an approved change request; not counted."),
    ],
    "performance": [
        ("met", "Met", "95% of the trajectory or more."),
        ("near", "Near", "85% of the trajectory to under 95%."),
        ("below", "Below", "Under 85% of the trajectory."),
        ("not_reported", "Not reported", "No value for the month."),
        ("no_target", "No target", "Neither a trajectory nor a final target is set."),
    ],
}

# code, name, executive lead, role, {project: number of milestones}, indicators
PLAN: list[tuple[str, str, str, str, dict[str, int], str]] = [
    (
        "WS1",
        "Making the London Ambulance Service a great place to work",
        "Paul Beal",
        "Director of Human Resources",
        {
            "Advert to Action": 10,
            "Bullying and Harassment": 14,
            "Training": 6,
            "Equality and Diversity": 4,
            "Vision and Strategy": 6,
            "Supporting Staff": 6,
            "Retention of Staff": 5,
        },
        "Frontline staff turnover|Frontline sickness absence|Frontline establishment in post|"
        "Statutory and mandatory training completion|Trainee crew working towards a paramedic "
        "qualification|Staff survey score on bullying and harassment|Annual appraisal completion|"
        "BME staff in the Service",
    ),
    (
        "WS2",
        "Achieving good governance",
        "Sandra Adams",
        "Director of Corporate Affairs",
        {
            "Risk management": 11,
            "Capability and capacity of the health, safety and risk function": 1,
            "Improve incident reporting": 5,
            "Duty of Candour": 4,
            "Operational planning": 4,
            "Listening to patients": 3,
        },
        "Risk registers updated in the month|Incidents reported|Incidents harming staff|Incidents "
        "harming patients|Incidents waiting to be entered|Staff who got their rest break|Staff "
        "with time for non-patient-facing tasks|Staff satisfaction|Patient experience feedback|"
        "Complaint response time",
    ),
    (
        "WS3",
        "Improving the patient experience",
        "Zoë Packman",
        "Director of Nursing",
        {"Patient Transport Service": 3, "Meeting people's needs": 4, "Response times": 2},
        "PTS patient waiting time|PTS Friends and Family Test|Hospital handover time|Experience "
        "reported by the Mental Health Focus group",
    ),
    (
        "WS4",
        "Improving the environment and resources",
        "Andrew Grimshaw",
        "Director of Finance and Performance",
        {
            "Fleet and vehicle preparation": 3,
            "Information Management and Technology": 3,
            "Infection prevention and control": 3,
            "Facilities and estates": 5,
            "Resilience function": 15,
        },
        "Vehicle cleaning standard met|Vehicle equipping standard met|Revised blanket system in "
        "place|Out-of-service vehicle hours|Long-term vehicle strategy in place|National HART "
        "specification compliance|Bare-below-the-elbow compliance|Revised protective clothing "
        "pack in place|Station cleanliness compliance|Infection control audit result|HART staff "
        "employed",
    ),
    (
        "WS5",
        "Taking pride and responsibility",
        "Fenella Wrigley",
        "Interim Medical Director",
        {
            "Clinical supervision": 1,
            "Delivering the Mental Capacity Act and supporting patients with mental health "
            "issues": 2,
            "Medicines Management": 9,
            "Safeguarding": 3,
        },
        "Clinical audit programme on CQC points|Mandatory training compliance|Medicines policy "
        "compliance at spot checks|Drug pack form compliance|Clinical practice indicators|Medical "
        "gas control and security|Safeguarding indicators, including staff trained|Appraisal "
        "completion|Personal development plan completion",
    ),
]
STEPS = (
    "Baseline review of {} completed and reported to the work stream meeting",
    "Plan for {} agreed with staff side and local managers",
    "Lead for {} appointed",
    "First phase of {} in place at all 26 group stations, with a named contact at each",
    "Training for {} delivered",
    "Audit of {} by the internal auditors, with actions agreed",
    "Policy for {} published",
)
PROGRAMME_STEPS = (
    "Leadership programme co-designed",
    "Leadership programme roll-out begun straight after co-design",
    "Local sector and department sessions produce local implementation plans",
    "Action cards for key roles",
    "Resources for the plan settled in the contracting round",
    "Leadership arm of the Academy developed",
)
NARRATIVES = (
    "",
    "60% of reviews done. Protected time restarts on 21 November.",
    "68 of 79 stations have been visited. The last 11 are booked for the week of 28 November, and "
    "the supplier has confirmed the delivery of the remaining equipment.",
    "Draft with the policy group; comments are due by the end of the month.",
)
