from typing import Any

# number, title, where it belongs, likelihood, impact, target, what is done, movement
RISKS: list[tuple[str, str, str, int, int, int, str, str]] = [
    (
        "R-003",
        "Paramedic banding is not funded",
        "WS1-P7 Retention of Staff",
        4,
        5,
        8,
        "Joint paper to the commissioners on 24 November",
        "",
    ),
    (
        "R-001",
        "Recruitment does not keep up with leavers",
        "WS1-P1 Advert to Action",
        4,
        4,
        8,
        "January graduate intake; second round of recruitment overseas",
        "down from 20",
    ),
    (
        "R-005",
        "No agreement with trade unions on rest breaks",
        "WS3-P1 Operational planning",
        4,
        4,
        6,
        "Facilitated meeting on 29 November",
        "up from 12",
    ),
    (
        "R-014",
        "Incident backlog grows during recruitment",
        "WS2-P3 Improve incident reporting",
        3,
        3,
        4,
        "",
        "new",
    ),
    (
        "R-019",
        "National policy on oral morphine is not settled",
        "Programme",
        2,
        3,
        4,
        "Raised with the regulators",
        "",
    ),
    ("R-022", "Vehicle specification is delayed nationally", "WS4-P2 Fleet", 1, 2, 2, "", ""),
]
BANDS = [("extreme", 15, 25), ("high", 8, 12), ("moderate", 4, 6), ("low", 1, 3)]


def risk(row: tuple[str, str, str, int, int, int, str, str], kind: str = "risk") -> dict[str, Any]:
    number, title, belongs_to, likelihood, impact, target, text, movement = row
    score = likelihood * impact
    return {
        "number": number,
        "kind": kind,
        "title": title,
        "belongs_to": belongs_to,
        "level": "Project",
        "owner": "Local owner 2",
        "likelihood": likelihood,
        "impact": impact,
        "score": score,
        "band": next(code for code, lowest, _ in BANDS if score >= lowest),
        "inherent_score": 20,
        "target_score": target,
        "response": "Treat",
        "response_text": text,
        "review": "18 Nov 2016",
        "review_overdue": number == "R-014",
        "direction": movement.split(" ")[0],
        "movement": movement,
    }


def risks() -> dict[str, Any]:
    happened = ("I-016", "The tender was challenged", "WS4-P2 Fleet", 5, 3, 6, "Reissued", "new")
    return {
        "lead": "3 of 6 open risks score 15 or more, and 1 issue is open. Since 31 October 2016 "
        "1 went up, 1 came down and 2 are new.",
        "since": "31 October 2016",
        "bands": [
            {"code": code, "word": code.capitalize(), "lowest": lowest, "highest": highest}
            for code, lowest, highest in BANDS
        ],
        "risks": [risk(row) for row in RISKS],
        "issues": [risk(happened, "issue")],
        "closed": [
            {
                "number": "R-009",
                "title": "The tender for vehicle preparation is challenged",
                "closed": "8 Nov 2016",
                "because": "It happened and became I-016.",
            }
        ],
    }
