"""Who is calling, may they do it, and who did what?"""

from carecoord.access import audit
from carecoord.access.callers import Caller, everything, require

__all__ = ["Caller", "audit", "everything", "require"]
