"""The street network that a street travels on, as an object in memory."""

from functools import lru_cache
from pathlib import Path
from shutil import copyfile

from carecoord.access import Caller, audit, require
from carecoord.errors import Missing
from carecoord.model.ids import StreetId
from carecoord.store import territory
from carecoord.store.engine import Tx
from carecoord.store.territory import NetworkSource
from carecoord.streets import Network, synthetic

FOLDER = "networks"
"""Below the data folder: copies of the OSM files in use, named by their content."""


def use_file(tx: Tx, caller: Caller, street: StreetId, file: Path, data: Path) -> Network:
    """Let a street travel on an OpenStreetMap extract; the file is copied into the data folder.

    Raises
    ------
    Missing, Invalid
        No such file, or no OpenStreetMap data in it.
    """
    require(caller, "street.write", street)
    network = Network.load(file)
    name = f"{network.content_hash}.osm.pbf"
    kept = data / FOLDER / name
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        arriving = kept.with_suffix(".part")
        copyfile(file, arriving)
        arriving.replace(kept)
    _use(tx, caller, street, NetworkSource("osm", name, network.content_hash))
    return network


def use_synthetic(tx: Tx, caller: Caller, street: StreetId, seed: int) -> Network:
    """Let a street travel on a generated network, for demonstrations."""
    network = synthetic.network(seed)
    _use(tx, caller, street, NetworkSource("synthetic", str(seed), network.content_hash))
    return network


def _use(tx: Tx, caller: Caller, street: StreetId, source: NetworkSource) -> None:
    require(caller, "street.write", street)
    if territory.network(tx, street) != source:
        territory.set_network(tx, street, source)
        audit.record(tx, caller, "street.network", f"{street}/{source.kind}")


def of_street(tx: Tx, street: StreetId, data: Path) -> Network | None:
    """The network of a street, or None: travel times are then great-circle estimates."""
    source = territory.network(tx, street)
    return None if source is None else _open(source, data)


@lru_cache(maxsize=8)
def _open(source: NetworkSource, data: Path) -> Network:
    if source.kind == "synthetic":
        return synthetic.network(int(source.source))
    file = data / FOLDER / source.source
    if not file.exists():
        raise Missing("street.network_file", file=source.source)
    return Network.load(file)
