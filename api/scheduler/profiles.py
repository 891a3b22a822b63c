"""Weight profiles over HTTP: what plans prefer, and which rules no weight moves."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from api.context import CallerNow, Speak
from carecoord.flows import profiles
from carecoord.planning import weights
from carecoord.planning.weights import Profile
from carecoord.text import Language, sentence

router = APIRouter(prefix="/profiles", tags=["profiles"])


async def _data(request: Request) -> Path:
    found: Path = request.app.state.settings.data
    return found


DataFolder = Annotated[Path, Depends(_data)]
"""Data folder of the installation."""

ProfileName = Annotated[
    str, Field(max_length=40, description="Weight profile, see `GET /v1/profiles`")
]

Single = Annotated[
    dict[str, int],
    Field(
        description="Single weights in place of the profile's own; an unknown one is refused",
        examples=[{"travel": 3, "other_carer": 7200}],
    ),
]


class WeightOut(BaseModel):
    """One weight of a profile."""

    name: str = Field(examples=["travel"])
    value: int = Field(examples=[2], description="Dimensionless; compare with `travel`")
    text: str = Field(examples=["Per second on the way"])


class ProfileOut(BaseModel):
    """A named set of weights."""

    name: str = Field(examples=["standard"])
    title: str
    description: str
    site: bool = Field(description="The installation's own, not a bundled one")
    weights: list[WeightOut]

    @classmethod
    def of(cls, one: Profile, language: Language) -> "ProfileOut":
        """One profile in the caller's language."""
        key = "en" if language == "en" else "zh"
        return cls(
            name=one.name,
            title=one.title[key],
            description=one.description[key],
            site=one.site,
            weights=[
                WeightOut(
                    name=name, value=value, text=sentence(f"page.weight.{name}", {}, language)
                )
                for name, value in one.numbers().items()
            ],
        )


class RuleLevelOut(BaseModel):
    """A rule of plans: `hard` is never broken, `medium` before every `soft` one."""

    rule: str = Field(examples=["windows"])
    severity: str = Field(examples=["hard"])
    text: str
    weights: list[str]


class BrokenOut(BaseModel):
    """A file of the installation that cannot be used."""

    name: str
    code: str
    field: str
    text: str


class ProfilesOut(BaseModel):
    """All profiles and all rules."""

    profiles: list[ProfileOut]
    rules: list[RuleLevelOut]
    broken: list[BrokenOut]


@router.get("")
def get_profiles(caller: CallerNow, data: DataFolder, language: Speak) -> ProfilesOut:
    """All weight profiles, the standard one first, and which rules are hard, medium and soft."""
    shelf = profiles.every(caller, data)
    return ProfilesOut(
        profiles=[ProfileOut.of(one, language) for one in shelf.profiles],
        rules=[
            RuleLevelOut(
                rule=one.name,
                severity=one.severity,
                text=sentence(f"page.planrule.{one.severity}.{one.name}", {}, language),
                weights=list(one.weights),
            )
            for one in weights.rules()
        ],
        broken=[
            BrokenOut(
                name=name,
                code=error.code,
                field=error.field,
                text=sentence(error.code, error.facts, language),
            )
            for name, error in shelf.broken.items()
        ],
    )


@router.get("/{name}")
def get_profile(name: str, caller: CallerNow, data: DataFolder, language: Speak) -> ProfileOut:
    """One weight profile."""
    return ProfileOut.of(profiles.read(caller, data, name), language)
