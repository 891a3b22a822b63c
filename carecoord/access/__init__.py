"""Who is calling, and may they do it?"""

from carecoord.access.callers import Caller, everything, require

__all__ = ["Caller", "everything", "require"]
