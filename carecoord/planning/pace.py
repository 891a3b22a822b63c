"""How long does this carer take for this visit?"""

from solver import Staff, Visit


def lasts(visit: Visit, staff: Staff) -> int:
    """Seconds at the bedside: by name first, else the quickest pace of a skill, else as asked."""
    if staff.id in visit.duration_by:
        return visit.duration_by[staff.id]
    able = [p.duration for p in visit.paces if staff.skills.get(p.skill, 0) >= p.level]
    return min(able, default=visit.duration)
