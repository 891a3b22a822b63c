"""Names of things. A `NewType` each, so that an elder is never passed for a staff member."""

from typing import NewType

StreetId = NewType("StreetId", str)
"""Division code of a street: 9 digits, 6 of the district and 3 of the street."""

OrganizationId = NewType("OrganizationId", str)
ElderId = NewType("ElderId", str)
"""Id of the Patient."""

StaffId = NewType("StaffId", str)
"""Id of the PractitionerRole: one bookable person."""

PlanId = NewType("PlanId", str)
BedId = NewType("BedId", str)
ReferralId = NewType("ReferralId", str)
"""Id of the coordination Task."""

DemandId = NewType("DemandId", str)
RunId = NewType("RunId", str)
