"""Settings of one process: read once from the environment, then frozen."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

PREFIX = "CARECOORD_"


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation decides.

    data
        Folder of the embedded database, street networks and caches (`CARECOORD_DATA`).
    database_url
        `CARECOORD_DATABASE_URL`; empty = SQLite in `data`.
    """

    data: Path
    database_url: str = ""

    @classmethod
    def from_environment(
        cls, data: Path | None = None, environment: Mapping[str, str] = os.environ
    ) -> "Settings":
        """Settings of this process; `data` given on the command line wins."""
        folder = data or Path(
            environment.get(PREFIX + "DATA") or user_data_path("carecoord", appauthor=False)
        )
        return cls(
            data=folder.expanduser().resolve(),
            database_url=environment.get(PREFIX + "DATABASE_URL", ""),
        )
