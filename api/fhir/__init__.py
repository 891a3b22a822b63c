"""FHIR R4 over HTTP: one table-driven implementation for every resource type."""

from fastapi import APIRouter

from api.fhir import capability, messaging, operations, read, search, write

router = APIRouter(tags=["FHIR"])
# The order matters: fixed paths before those that begin with a resource type.
for part in (
    capability.router,
    operations.router,
    messaging.router,
    search.system,
    write.router,
    read.router,
    search.router,
):
    router.include_router(part)
