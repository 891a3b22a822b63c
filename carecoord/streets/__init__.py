"""Streets: where places are, how long it takes between them, and the way on a map.

Knows places, not persons. `Network.load` reads an OpenStreetMap file, `synthetic.network`
generates a fictional one, `estimate` serves places without any street map.
"""

from carecoord.streets import synthetic
from carecoord.streets.datum import Datum, from_wgs84, to_wgs84
from carecoord.streets.network import Network
from carecoord.streets.osm import OSM_ATTRIBUTION, Building
from carecoord.streets.place import Place
from carecoord.streets.profiles import EBIKE, MODES, WALK, AccessTimes, Mode, access_seconds
from carecoord.streets.travel import UNREACHABLE, PlaceProblem, Travel, estimate

__all__ = [
    "EBIKE",
    "MODES",
    "OSM_ATTRIBUTION",
    "UNREACHABLE",
    "WALK",
    "AccessTimes",
    "Building",
    "Datum",
    "Mode",
    "Network",
    "Place",
    "PlaceProblem",
    "Travel",
    "access_seconds",
    "estimate",
    "from_wgs84",
    "synthetic",
    "to_wgs84",
]
