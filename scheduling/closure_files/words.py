"""
Whether an event sounds like days without school: a first guess, which a person looks at; and what
became of it, in words.
"""

import re

# Said outright, whatever else stands there
OUTRIGHT = re.compile(
    r"\bno[ -](?:school|class(?:es)?|students?|pupils?)\b"
    r"|\bschools?(?: is| are| will be)? closed\b"
    r"|\b(?:students?|pupils?) (?:off|holidays?|free)\b|\bnon[ -]?student\b|\bschulfrei\b",
    re.IGNORECASE,
)
LIKELY = re.compile(
    r"\b(?:holidays?|vacations?|recess|break|closed|closure|half[ -]?term|days? off|snow days?)\b"
    r"|\binset\b|\bin-?service\b|\bp\.?d\.? days?\b"
    r"|\bprofessional (?:development|learning)\b"
    r"|\b(?:staff|teachers?['’]?s?) (?:development|training|planning|work) ?-?days?\b"
    r"|\bthanksgiving\b|\bchristmas\b|\bgood friday\b|\beaster monday\b|\bnew year['’]?s\b"
    r"|\blabou?r day\b|\bmemorial day\b|\bmlk\b|\bmartin luther king\b|\bpresident['’]?s['’]? day\b"
    r"|\bveteran['’]?s['’]? day\b|\bcolumbus day\b|\bindigenous people['’]?s['’]? day\b"
    r"|\bjuneteenth\b|\bindependence day\b"
    r"|ferien\b|feiertag\b|\bvacances\b|\bférié|\bvacaciones\b|\bfestivo\b",
    re.IGNORECASE,
)
# What happens around days off, or on a day with school
RATHER_NOT = re.compile(
    r"\b(?:early (?:release|dismissal|out)|half[ -]day|minimum day|late (?:start|arrival)|delay\w*"
    r"|(?:first|last) day|begins?|ends?|starts?|resumes?|returns?|reopens?|back to school"
    r"|welcome back|before|after|until|if needed|deadline|due|registration"
    r"|concert|party|parade|fair|sale|bazaar|show|assembly|camps?|performance|dinner|lunch\w*"
    r"|feast|celebration|drive|dress|homework|practice|game|tournament|shop|store"
    r"|(?:office|library|gym|pool|cafeteria|registration|parking \w+) (?:is )?closed)\b",
    re.IGNORECASE,
)
# For some, not for all
FOR_SOME = re.compile(
    r"\b(?:only|grades?|kindergarten|pre-?k|seniors?|juniors?|sophomores?|fresh(?:man|men)"
    r"|years? \d+|elementary|virtual|remote)\b",
    re.IGNORECASE,
)


def looks_closed(name: str) -> bool:
    """Whether an event of this name would close the school for everybody, all day."""
    if FOR_SOME.search(name):
        return False
    if OUTRIGHT.search(name):
        return True
    return bool(LIKELY.search(name)) and not RATHER_NOT.search(name)


def told(made: int, changed: int, reopened: int) -> str:
    """What came of a calendar, in numbers."""
    counts = ((made, "new"), (changed, "changed"), (reopened, "with school again"))
    parts = [f"{count} {words}" for count, words in counts if count]
    return f"Days without school: {', '.join(parts) or 'everything is as it was'}."
