"""What plans prefer: the weight profiles side by side, and which rules no weight moves."""

from fastapi import APIRouter, Request, Response

from api.context import CallerNow
from api.pages.shell import PageRoute, page, spoken
from api.scheduler.profiles import DataFolder
from carecoord.flows import profiles
from carecoord.planning import weights

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/profiles")
def get_profiles(request: Request, caller: CallerNow, data: DataFolder) -> Response:
    """Every profile and every rule."""
    words = spoken(request)
    shelf = profiles.every(caller, data)
    return page(
        request,
        "profiles.html",
        profiles=shelf.profiles,
        broken=[
            (name, error.field, words.t(error.code, **error.facts))
            for name, error in shelf.broken.items()
        ],
        key="en" if words.language == "en" else "zh",
        names=weights.known_weights(),
        numbers={one.name: one.numbers() for one in shelf.profiles},
        standard=weights.read().numbers(),
        severities=[
            (severity, [one for one in weights.rules() if one.severity == severity])
            for severity in ("hard", "medium", "soft")
        ],
    )
