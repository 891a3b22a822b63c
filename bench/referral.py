"""How fast is a referral answered with offers, on a street of so many visits a day?

    python bench/referral.py [--seed N] [--elders N] [--planned N] [--referrals N] [--json FILE]

A fictional street on a fresh SQLite folder; `--planned` of the coming days have a real plan, the
rest of the 14 is estimated against the roster. Each referral is a new person at a home of the
street with a stroke and two nursing orders; timed is everything from the request to the stored
offers: travel times, insertion, and the what-if of bed and plan.
"""

import argparse
import json
import random
import tempfile
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from carecoord.access import everything
from carecoord.demo import run as demo
from carecoord.demo.organisations import CENTRE, HOSPITALS
from carecoord.demo.seeds import Seed
from carecoord.fhir import read
from carecoord.flows import day, intake, offer
from carecoord.jobs.worker import work
from carecoord.model import time
from carecoord.model.identifiers import synthetic_resident_id
from carecoord.model.ids import ReferralId
from carecoord.packs.load import load
from carecoord.settings import Settings
from carecoord.store import demands, documents
from carecoord.store.engine import Database, sqlite_url

CALLER = everything("bench")


def main() -> None:
    """Run it once and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--elders", type=int, default=300)
    parser.add_argument("--planned", type=int, default=7)
    parser.add_argument("--referrals", type=int, default=8)
    parser.add_argument("--iterations", type=int, default=2_000)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="carecoord-bench-") as folder:
        table = measure(args, Path(folder))
    for name, value in table.items():
        print(f"{name:<28}{value}")
    if args.json:
        args.json.write_text(json.dumps(table, indent=2), encoding="utf-8")


def measure(args: argparse.Namespace, data: Path) -> dict[str, float | int]:
    """The figures by name."""
    database = Database.open(sqlite_url(data))
    settings = Settings(data=data)
    asked = demo.Asked(seed=args.seed, elders=args.elders, iterations=args.iterations)
    done = demo.run(database, settings, asked, lambda *_: None, time.today())
    rules = load().on(time.today(), done.street)
    planned = [done.day + timedelta(days=k) for k in range(args.planned)]
    for on in planned[1:]:
        with database.write() as tx:
            run = day.request(
                tx, CALLER, done.street, on, seconds=120, iterations=args.iterations, seed=1
            )
        work(database, data, rules, run.id)
    with database.read() as tx:
        visits = [len(demands.on(tx, done.street, on)) for on in planned]
        homes = [one.resource for one in documents.find(tx, "Patient", limit=None)]
    dice = random.Random(args.seed)
    seconds: list[float] = []
    offers = fitting = wanted = 0
    for number in range(args.referrals):
        with database.write() as tx:
            task = intake.send(tx, CALLER, _sending(args.seed, number, dice, homes))
        begun = perf_counter()
        with database.write() as tx:
            made = offer.propose(tx, CALLER, ReferralId(task.id), data)
        seconds.append(perf_counter() - begun)
        offers += len(made)
        fitting += sum(one.body["fitting"] for one in made)
        wanted += sum(one.body["wanted"] for one in made)
    database.close()
    warm = seconds[1:] or seconds
    return {
        "visits a day, median": int(median(visits)),
        "days with a plan": len(planned),
        "referrals": len(seconds),
        "first answer, s": round(seconds[0], 3),
        "answer, median s": round(median(warm), 3),
        "answer, longest s": round(max(warm), 3),
        "offers a second": round(offers / sum(seconds), 2),
        "visits offered": wanted,
        "visits that fit, percent": round(100 * fitting / max(1, wanted), 1),
    }


def _sending(seed: int, number: int, dice: random.Random, homes: list[read.Json]) -> intake.Sending:
    born = time.today().replace(year=1945, month=1 + number % 12, day=1)
    home, _ = read.home(dice.choice(homes))
    assert home.place is not None
    own = Seed(seed)
    return intake.Sending(
        sender=HOSPITALS[0].id(own),
        receiver=CENTRE.id(own),
        person=intake.Person(
            resident_number=synthetic_resident_id("990101", born, 300 + number, "female"),
            name=f"测试{number}",
            gender="female",
            birth=born,
            phone="19900000000",
            address=home.text,
            longitude=home.place.lon,
            latitude=home.place.lat,
        ),
        number=f"BENCH-{number}",
        diagnosis_code="I63.9",
        diagnosis="脑梗死恢复期",
        summary="病情稳定",
        orders=[intake.Ordered("37", 3), intake.Ordered("26", 2)],
        consent=True,
    )


if __name__ == "__main__":
    main()
