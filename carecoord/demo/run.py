"""The whole product once, on a fictional street: from referrals to tomorrow's routes.

Every step goes through the flow that HTTP uses. Doing it again on the same data finds everything
in place and changes nothing.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from carecoord.access import everything
from carecoord.demo.street import Care, FictionalStreet, generate
from carecoord.flows import assess, bed, day, detect, forms, networks, plan, record, referral
from carecoord.flows.plan import Wishes
from carecoord.jobs import child
from carecoord.jobs.memory import peak_mb
from carecoord.jobs.worker import Stopwatch, data_problems, work_now
from carecoord.model.beds import BedKind
from carecoord.model.ids import ElderId, PlanId, ReferralId, StreetId
from carecoord.model.policy import Rules
from carecoord.model.problems import distinct
from carecoord.model.visits import DayKey
from carecoord.packs.load import load
from carecoord.planning.indicators import Indicators, indicators
from carecoord.settings import Settings
from carecoord.store import days
from carecoord.store.engine import Database, Tx
from carecoord.store.runs import Run
from carecoord.streets import Network, synthetic

Step = Callable[[str, int, int], None]
"""Stage, done, total: called as work goes on."""

ITERATIONS = 60_000
"""Search steps of the seeded run: the same plan on every machine, however fast it is."""

LIMIT = 300
"""Wall-clock seconds after which the search would be stopped all the same."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the demo was asked for."""

    seed: int = 1
    elders: int = 300
    days: int = 14
    streets: Path | None = None
    iterations: int = ITERATIONS


@dataclass(frozen=True, slots=True)
class Report:
    """What came of it.

    seconds
        By stage, wall clock.
    peak_mb
        Most memory held by this process plus most held by its solver child.
    problems
        Data problems found on the way, by code.
    """

    street: StreetId
    name: str
    day: date
    indicators: Indicators
    seconds: dict[str, float]
    peak_mb: int
    problems: dict[str, int]
    version: int


def run(
    database: Database,
    settings: Settings,
    asked: Asked,
    step: Step,
    today: date,
    watch: Stopwatch | None = None,
) -> Report:
    """Generate, receive, assess, plan, solve and publish; tomorrow's indicators."""
    watch = watch or Stopwatch()
    caller = everything("demo")
    # Another core compiles the search while this one fills the register.
    warming = child.warm()
    with watch.stage("generate"):
        network = Network.load(asked.streets) if asked.streets else synthetic.network(asked.seed)
        fictional = generate(
            asked.seed, asked.elders, today, network.buildings, load().on(today, "CN")
        )
        rules = load().on(today, fictional.street)
    # Looking for duplicates and omissions after each of thousands of changes is for real days.
    with detect.postponed():
        with watch.stage("register"):
            with database.write() as tx:
                forms.seed(tx, caller)
            for count, bundle in enumerate(fictional.register):
                step("register", count, len(fictional.register))
                with database.write() as tx:
                    record.submit_bundle(tx, caller, bundle)
            with database.write() as tx:
                if asked.streets:
                    networks.use_file(tx, caller, fictional.street, asked.streets, settings.data)
                else:
                    networks.use_synthetic(tx, caller, fictional.street, asked.seed)
        with watch.stage("referrals"):
            referrals = _refer(database, fictional, step)
        with watch.stage("plans"):
            _care(database, fictional, referrals, rules, today, step)
    with watch.stage("compile"):
        step("compile", 0, 1)
        warming.wait()
    tomorrow = today + timedelta(days=1)
    with watch.stage("expand"):
        step("expand", 0, 1)
        with database.write() as tx:
            expansion = day.expand_plans(tx, caller, fictional.street, tomorrow, asked.days, rules)
    with watch.stage("detect"):
        step("detect", 0, 1)
        with database.write() as tx:
            detect.street(tx, caller, fictional.street, rules)
    done = _plan_day(database, settings, fictional.street, tomorrow, asked, rules, step, watch)
    with watch.stage("publish"), database.write() as tx:
        version = day.publish(
            tx, caller, fictional.street, tomorrow, expected=done.outcome["version"]
        )
    with database.read() as tx:
        given, _ = day.inputs(tx, fictional.street, tomorrow)
        found = indicators(days.read(tx, DayKey(fictional.street, tomorrow)), given)
    counted = Counter(one.code for one in distinct([*expansion.problems, *data_problems(done)]))
    return Report(
        street=fictional.street,
        name=fictional.name,
        day=tomorrow,
        indicators=found,
        seconds=watch.seconds,
        peak_mb=peak_mb(),
        problems=counted,
        version=version,
    )


def _refer(database: Database, fictional: FictionalStreet, step: Step) -> dict[ElderId, ReferralId]:
    """Send every discharge in as the hospital would, and accept it as the centre would."""
    found: dict[ElderId, ReferralId] = {}
    caller = everything("demo")
    for count, bundle in enumerate(fictional.referrals):
        step("referrals", count, len(fictional.referrals))
        with database.write() as tx:
            outcome = record.submit_bundle(tx, caller, bundle)
            for change in outcome.changes:
                if change.document.type == "Task":
                    task = referral.accept(tx, caller, ReferralId(change.document.id))
                    found[referral.elder_of(task)] = ReferralId(task.id)
    return found


def _care(
    database: Database,
    fictional: FictionalStreet,
    referrals: dict[ElderId, ReferralId],
    rules: Rules,
    today: date,
    step: Step,
) -> None:
    for count, (elder, care) in enumerate(fictional.care.items()):
        step("plans", count, len(fictional.care))
        with database.write() as tx:
            _one_elder(tx, elder, care, fictional, referrals.get(elder), rules, today)


def _one_elder(
    tx: Tx,
    elder: ElderId,
    care: Care,
    fictional: FictionalStreet,
    referred: ReferralId | None,
    rules: Rules,
    today: date,
) -> None:
    """Assess, open the beds, make the plan and sign it."""
    caller = everything("demo")
    if plan.integrated(tx, elder) is not None:
        return
    assess.record(tx, caller, fictional.assessments[elder], rules)
    if "home-hospital-bed" in care.programmes:
        bed.open_bed(
            tx, caller, elder, BedKind.HOME_HOSPITAL, care.centre, today, rules, referral=referred
        )
    if "family-bed" in care.programmes:
        bed.open_bed(tx, caller, elder, BedKind.FAMILY, care.station, today, rules)
    wishes = Wishes(care.wishes.gender, care.wishes.parts, care.wishes.carers)
    drafted = plan.draft(tx, caller, elder, care.programmes, today, rules, wishes)
    plan.sign(tx, caller, PlanId(drafted.id), rules)


def _plan_day(
    database: Database,
    settings: Settings,
    street: StreetId,
    tomorrow: date,
    asked: Asked,
    rules: Rules,
    step: Step,
    watch: Stopwatch,
) -> Run:
    """Solve tomorrow, and return the run as it ended."""
    caller = everything("demo")
    step("solve", 0, 1)
    with database.write() as tx:
        wanted = day.request(
            tx,
            caller,
            street,
            tomorrow,
            seconds=LIMIT,
            iterations=asked.iterations,
            seed=asked.seed,
        )

    def heard(report: dict[str, int]) -> None:
        step("solve", report.get("rounds", 0), asked.iterations)

    return work_now(database, settings.data, rules, wanted.id, progress=heard, watch=watch)
