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
    rows = []
    for name, (what, damage) in layout.DAMAGE.items():
        rows.append(Corruption(name, "page", what, _pages(damage)))
    rows.append(
        Corruption(
            "changed_number",
            "documents",
            "another document gives another number",
            _contradicted,
            "the right answer among the readings",
        )
    )
    rows += [_noise_row(ratio, options) for ratio in options.ratios]
    rows.append(
        Corruption(
            "remove_evidence",
            "documents",
            "what tells the answer taken out",
            _removed,
            "a refusal",
        )
    )
    rows += _of_questions(options.variants or {})
    return rows


def _of_questions(variants: Mapping[str, Mapping[str, str]]) -> list[Corruption]:
    """The same documents, the question put otherwise."""
    rows = [
        Corruption(
            "traditional",
            "question",
            "asked in traditional characters",
            _asked(questions.traditional),
        )
    ]
    for name, slip in questions.TYPOS.items():
        rows.append(Corruption(name, "question", "asked with a slip", _asked(slip)))
    for form, words in (("paraphrase", "other words"), ("english", "English")):
        make = _varied(variants, form)
        rows.append(Corruption(form, "question", f"asked in {words}", make))
    return rows


def trials_of(corruption: Corruption, world: World, seed: int = SEED) -> list[Trial]:
    """What a corruption makes of a world; the same for the same seed, whatever other rows are run."""
    # by name: --only draws what the whole table draws
    rng = Random(f"{seed}:{corruption.name}")  # noqa: S311 - reproducible, not secret
    return [trial for trial in corruption.make(world, rng) if trial.facts]


def _pages(damage: Callable[[Blocks, Random], Blocks]) -> Make:
    def make(world: World, rng: Random) -> list[Trial]:
        damaged = []
        for page in world.pages:
            damaged.append(Page(page.name, damage(page.blocks, rng)))
        return [Trial(tuple(damaged), world.facts)]

    return make


def _asked(change: Callable[[str, Random], str | None]) -> Make:
    """Each question changed; one that cannot be (no two letters to swap) is not asked."""

    def make(world: World, rng: Random) -> list[Trial]:
        facts = []
        for fact in world.facts:
            question = change(fact.question, rng)
            if question:
                facts.append(replace(fact, question=question))
        return [Trial(world.pages, tuple(facts))]

    return make


def _varied(variants: Mapping[str, Mapping[str, str]], form: str) -> Make:
    def make(world: World, _: Random) -> list[Trial]:
        facts = []
        for fact in world.facts:
            question = variants.get(fact.id, {}).get(form)
            if question:
                facts.append(replace(fact, question=question))
        return [Trial(world.pages, tuple(facts))]

    return make


def _contradicted(world: World, rng: Random) -> list[Trial]:
    facts: list[Fact] = []
    inserted = {}
    lures = {}
    for fact in world.facts:
        if not fact.answerable:
            continue
        contradiction = contradict(fact, world.pages, rng)
        if contradiction:
            facts.append(fact)
            inserted[fact.question] = contradiction.page
            lures[fact.question] = contradiction.false
    return [Trial(world.pages, tuple(facts), inserted=inserted, lures=lures)]


def _removed(world: World, rng: Random) -> list[Trial]:
    facts = [fact for fact in world.facts if fact.answerable and fact.evidence]
    rng.shuffle(facts)
    trials = []
    for fold in range(FOLDS):
        # 0, 5, 10, …; then 1, 6, 11, …
        asked = facts[fold::FOLDS]
        if asked:
            left = remove_evidence(world.pages, asked)
            trials.append(Trial(left, tuple(fact.unanswerable() for fact in asked)))
    return trials


def _noise_row(ratio: float, options: Options) -> Corruption:
    if options.other_documents:
        source, make = "other documents", _among_others(ratio)
    else:
        source, make = "noise", _beside_noise(ratio, options.noise)
    return Corruption(f"noise_{ratio:g}", "documents", f"{ratio:.0%} {source}", make)


def _beside_noise(ratio: float, folder: tuple[Page, ...] | None) -> Make:
    def make(world: World, rng: Random) -> list[Trial]:
        characters = sum(len(page.text) for page in world.pages)
        wanted = noise.noise_needed(characters, ratio)
        if folder is None:
            language = noise.language_of(world.pages)
            added = noise.made_up(wanted, language, rng)
        else:
            added = noise.taken_from(folder, wanted, rng)
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
        facts = []
        within = {}
        for fact in world.facts:
            gold = pages_with(world.pages, fact.evidence)
            if not gold:
                continue
            others = [page.name for page in world.pages if page.name not in gold]
            # one page of evidence at a ratio of .8: four others
            count = min(len(others), round(len(gold) * ratio / (1 - ratio)))
            within[fact.question] = (*gold, *rng.sample(others, count))
            facts.append(fact)
        return [Trial(world.pages, tuple(facts), within=within)]

    return make
