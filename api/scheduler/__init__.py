"""Planning over HTTP: referrals, beds, assessments, plans, days, runs."""

from fastapi import APIRouter

from api.scheduler import assessments, care, days, policy

router = APIRouter(prefix="/v1")
router.include_router(care.router)
router.include_router(assessments.router)
router.include_router(policy.router)
router.include_router(days.router)
router.include_router(days.runs)

__all__ = ["router"]
