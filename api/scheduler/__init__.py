"""Planning over HTTP: referrals, beds, assessments, plans, days, runs."""

from fastapi import APIRouter

from api.scheduler import (
    absences,
    analysis,
    assessments,
    beds,
    compare,
    days,
    door,
    explain,
    fairness,
    fit,
    horizon,
    issues,
    moves,
    payers,
    persons,
    pins,
    plans,
    policy,
    profiles,
    readiness,
    referrals,
    repair,
    rosters,
    runs,
    stays,
    validate,
    versions,
    visits,
    webhooks,
)

router = APIRouter(prefix="/v1")
router.include_router(referrals.router)
router.include_router(webhooks.router)
router.include_router(beds.router)
router.include_router(stays.router)
router.include_router(assessments.router)
router.include_router(plans.router)
router.include_router(visits.router)
router.include_router(policy.router)
router.include_router(profiles.router)
router.include_router(payers.router)
router.include_router(issues.router)
router.include_router(persons.router)
router.include_router(fit.router)
router.include_router(explain.router)
router.include_router(days.router)
router.include_router(horizon.router)
router.include_router(runs.router)
router.include_router(versions.router)
router.include_router(moves.router)
router.include_router(versions.steps)
router.include_router(absences.router)
router.include_router(door.router)
router.include_router(pins.router)
router.include_router(repair.router)
router.include_router(validate.router)
router.include_router(analysis.router)
router.include_router(readiness.router)
router.include_router(rosters.router)
router.include_router(compare.router)
router.include_router(fairness.router)

__all__ = ["router"]
