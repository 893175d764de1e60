"""The corruptions, a row each, and how a corpus with its facts is put through them.

    results = run_suite(read_pages(Path("seeds")), facts, variants=variants)

A row's ``make`` turns the clean world into trials. The clean run is trial by trial the same code over the
world as it is; every figure of a corruption is paired with it, question by question.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random

from eval.facts import Fact
from eval.robustness import layout, noise, questions
from eval.robustness.numbers import contradict
from eval.robustness.removal import remove_evidence
from eval.robustness.world import Blocks, Group, Page, Trial, World, pages_with
from rag.errors import InvalidValue

SEED = 20261
NOISE_RATIOS = (0.0, 0.2, 0.4, 0.6, 0.8)
FOLDS = 5
"""Evidence is taken out for a fifth of the facts at a time, so that most of the corpus stays."""
CLEAN = "clean"

Make = Callable[[World, Random], list[Trial]]


@dataclass(frozen=True, slots=True)
class Corruption:
    """``what`` says in a line what is done; ``wants`` what the right behaviour then is."""

    name: str
    group: Group
    what: str
    make: Make
    wants: str = "the same answer"


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may choose.

    ``noise`` are pages to draw noise from, None for made-up ones; ``other_documents`` takes the corpus's own
    other documents instead. ``variants`` maps a fact's id to its question in other forms.
    """

    noise: tuple[Page, ...] | None = None
    other_documents: bool = False
    variants: Mapping[str, Mapping[str, str]] | None = None
    ratios: tuple[float, ...] = NOISE_RATIOS


def corruptions(options: Options) -> list[Corruption]:
    """The table. Rows that need what is not there (variants) make no trial and are left out of the report."""
    rows = [
        *(
            Corruption(name, "page", what, _pages(damage))
            for name, (what, damage) in layout.DAMAGE.items()
        ),
        Corruption(
            "changed_number",
            "documents",
            "another document gives another number",
            _contradicted,
            "the right answer among the readings",
        ),
        *(_noise_row(ratio, options) for ratio in options.ratios),
        Corruption(
            "remove_evidence",
            "documents",
            "what tells the answer taken out",
            _removed,
            "a refusal",
        ),
        Corruption(
            "traditional",
            "question",
            "asked in traditional characters",
            _asked(questions.traditional),
        ),
        *(
            Corruption(name, "question", "asked with a slip", _asked(slip))
            for name, slip in questions.TYPOS.items()
        ),
        *(
            Corruption(
                form,
                "question",
                f"asked in {words}",
                _varied(options.variants or {}, form),
            )
            for form, words in (("paraphrase", "other words"), ("english", "English"))
        ),
    ]
    return rows


def trials_of(corruption: Corruption, world: World, seed: int = SEED) -> list[Trial]:
    """What a corruption makes of a world; the same for the same seed, whatever other rows are run."""
    rng = Random(f"{seed}:{corruption.name}")  # noqa: S311 - reproducible, not secret
    return [trial for trial in corruption.make(world, rng) if trial.facts]


def _pages(damage: Callable[[Blocks, Random], Blocks]) -> Make:
    def make(world: World, rng: Random) -> list[Trial]:
        pages = tuple(Page(page.name, damage(page.blocks, rng)) for page in world.pages)
        return [Trial(pages, world.facts)]

    return make


def _asked(change: Callable[[str, Random], str | None]) -> Make:
    def make(world: World, rng: Random) -> list[Trial]:
        facts = [(fact, change(fact.question, rng)) for fact in world.facts]
        return [
            Trial(
                world.pages,
                tuple(replace(fact, question=other) for fact, other in facts if other),
            )
        ]

    return make


def _varied(variants: Mapping[str, Mapping[str, str]], form: str) -> Make:
    def make(world: World, _: Random) -> list[Trial]:
        facts = [(fact, variants.get(fact.id, {}).get(form)) for fact in world.facts]
        return [
            Trial(
                world.pages,
                tuple(replace(fact, question=other) for fact, other in facts if other),
            )
        ]

    return make


def _contradicted(world: World, rng: Random) -> list[Trial]:
    facts: list[Fact] = []
    inserted, lures = {}, {}
    for fact in world.facts:
        if fact.answerable and (found := contradict(fact, world.pages, rng)):
            facts.append(fact)
            inserted[fact.question], lures[fact.question] = found.page, found.false
    return [Trial(world.pages, tuple(facts), inserted=inserted, lures=lures)]


def _removed(world: World, rng: Random) -> list[Trial]:
    facts = [fact for fact in world.facts if fact.answerable and fact.evidence]
    rng.shuffle(facts)
    trials = []
    for fold in range(FOLDS):
        asked = facts[fold::FOLDS]
        if asked:
            left = remove_evidence(world.pages, asked)
            trials.append(Trial(left, tuple(fact.unanswerable() for fact in asked)))
    return trials


def _noise_row(ratio: float, options: Options) -> Corruption:
    source = "other documents" if options.other_documents else "noise"
    make = (
        _among_others(ratio)
        if options.other_documents
        else _beside_noise(ratio, options.noise)
    )
    return Corruption(f"noise_{ratio:g}", "documents", f"{ratio:.0%} {source}", make)


def _beside_noise(ratio: float, folder: tuple[Page, ...] | None) -> Make:
    def make(world: World, rng: Random) -> list[Trial]:
        wanted = noise.noise_needed(sum(len(page.text) for page in world.pages), ratio)
        added = (
            noise.made_up(wanted, noise.language_of(world.pages), rng)
            if folder is None
            else noise.taken_from(folder, wanted, rng)
        )
        return [Trial((*world.pages, *added), world.facts)]

    return make


def _among_others(ratio: float) -> Make:
    """Each question asked of the pages of its evidence and so many others, drawn anew for each."""

    def make(world: World, rng: Random) -> list[Trial]:
        if len(world.pages) == 1:
            raise InvalidValue(
                "--noise",
                "corpus",
                "a corpus of several documents, or noise of another kind",
            )
        names = [page.name for page in world.pages]
        facts, within = [], {}
        for fact in world.facts:
            if gold := pages_with(world.pages, fact.evidence):
                others = [name for name in names if name not in gold]
                count = min(len(others), round(len(gold) * ratio / (1 - ratio)))
                within[fact.question] = (*gold, *rng.sample(others, count))
                facts.append(fact)
        return [Trial(world.pages, tuple(facts), within=within)]

    return make
