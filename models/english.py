"""English words as the translation model sees them: tokens with their offsets, inflection taken off.

The stemmer removes inflection only (plurals, -ed, -ing, irregular forms) and leaves derivation alone,
so that ``operates`` and ``operating`` meet while ``operation`` stays a word of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

ARTICLES = frozenset(("a", "an", "the"))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP_WORDS = _words(
    """
    a about above across after again against all already also although always am among an and another any
    anyone anything are as at away be because been before being below between both but by can could did do
    does doing done down during each either else enough etc even ever every for from further get gets got
    had has have having he her here hers herself him himself his how however i if in into is it its itself
    just let like many may me might mine more most much must my myself neither no nor not now of off often
    on once one only or other others our ours ourselves out over own per perhaps please rather same shall
    she should since so some something somewhat still such than that the their theirs them themselves then
    there these they this those though through thus to together too toward towards under until up upon us
    very via was we were what whatever when where whether which while who whoever whom whose why will with
    within without would yes yet you your yours yourself yourselves s t d ll m re ve don didn doesn isn
    aren wasn weren won wouldn couldn shouldn hasn haven hadn according tell say
    """
)

_IRREGULAR_TABLE = """
    be:am,are,is,was,were,been,being have:has,had,having do:does,did,done,doing go:goes,went,gone,going
    say:said make:made take:took,taken come:came see:saw,seen know:knew,known get:got,gotten give:gave,given
    find:found think:thought tell:told become:became show:shown leave:left feel:felt put:putting
    bring:brought begin:began,begun,beginning keep:kept hold:held write:wrote,written,writing stand:stood
    hear:heard let:letting mean:meant meet:met run:ran,running pay:paid sit:sat,sitting speak:spoke,spoken
    lie:lay,lain,lying lead:led read:reading grow:grew,grown lose:lost,losing fall:fell,fallen send:sent
    build:built understand:understood draw:drew,drawn break:broke,broken spend:spent cut:cutting
    rise:rose,risen,rising drive:drove,driven,driving buy:bought wear:wore,worn choose:chose,chosen
    seek:sought throw:threw,thrown catch:caught deal:dealt win:won,winning fly:flew,flown,flies
    forget:forgot,forgotten sell:sold fight:fought teach:taught eat:ate,eaten sing:sang,sung
    sink:sank,sunk strike:struck swim:swam,swum ring:rang,rung shake:shook,shaken ride:rode,ridden
    steal:stole,stolen freeze:froze,frozen hide:hid,hidden sleep:slept wake:woke,woken bear:bore,borne
    shoot:shot lend:lent bend:bent feed:fed breed:bred bind:bound wind:winding dig:dug,digging
    hang:hung blow:blew,blown withdraw:withdrew,withdrawn undergo:underwent,undergone
    overcome:overcame arise:arose,arisen forecast:forecasting set:setting hit:hitting die:died,dies,dying
    use:uses,used,using man:men woman:women child:children person:people,persons foot:feet tooth:teeth
    mouse:mice goose:geese life:lives wife:wives leaf:leaves half:halves shelf:shelves knife:knives
    wolf:wolves crisis:crises analysis:analyses basis:bases hypothesis:hypotheses phenomenon:phenomena
    criterion:criteria bacterium:bacteria good:better,best bad:worse,worst
    labor:labour color:colour,colours harbor:harbour favor:favour honor:honour behavior:behaviour
    neighbor:neighbour,neighbours center:centre,centres program:programme,programmes defens:defence
    tie:ties,tied,tying tax:taxes bus:buses gas:gases virus:viruses species:species series:series
"""


def _irregular_forms(table: str) -> dict[str, str]:
    """Form -> base, of a table of ``base:form,form``."""
    base_of: dict[str, str] = {}
    for entry in table.split():
        base, _, forms = entry.partition(":")
        for form in forms.split(","):
            base_of[form] = base
    return base_of


IRREGULAR = _irregular_forms(_IRREGULAR_TABLE)

# Nouns and names whose ending only looks like inflection.
_KEPT = _words(
    """
    building meeting training heating housing farming fishing banking mining shipping painting wedding
    engineering manufacturing nursing parking clothing funding spring string morning evening during nothing
    something anything everything thing king wing ring sing bring beijing nanjing chongqing liaoning
    nanning kunming xining jining anqing nursing hundred united news politics economics physics mathematics
    olympics paralympics headquarters afghanistan texas paris athens wales james charles los angeles
    philippines netherlands always perhaps lens atlas kansas arkansas illinois brussels cyprus mars venus
    bed red led plane seed need speed feed breed weed deed indeed embed hatred sacred naked wicked shed chaos
    cosmos ethos
    """
)

_TOKEN = re.compile(
    r"(?:[A-Za-z]\.){2,}"  # U.S.
    r"|[^\W\d_\u2e80-\U0003ffff]+(?:['’](?!s\b)[a-z]+)?"  # words, o'clock; a possessive 's stays outside
    r"|\d+(?:[.,]\d+)*(?:st|nd|rd|th)?"
)
# Capitals that make another word of it: the country, and the month when it does not open the text.
_PROPER = {"US": "u.s", "USA": "u.s", "May": "May"}
_STOP_FORMS = frozenset(("be", "have", "do", "get", "say", "tell", "let"))
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)$")
_BRITISH = re.compile(r"is(?=(?:e|es|ed|ing|ation|ations)$)")
_SILENT_E = re.compile(r"[^aeiouy][aeiou][^aeiouwxy]")
_VOWEL = re.compile(r"[aeiouy]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of English text: ``text[start:end]`` in code points, and the form that is looked up."""

    start: int
    end: int
    form: str
    stop: bool


def tokens(text: str) -> Iterator[Token]:
    """The words and numbers of ``text``; everything else, Chinese included, is skipped."""
    for match in _TOKEN.finditer(text):
        word = match.group()
        if word == "s" and match.start() and text[match.start() - 1] in "'’":
            continue
        form, proper = stem(word), _PROPER.get(word)
        if proper and (word != "May" or match.start() or word == text):
            yield Token(match.start(), match.end(), proper, False)
        else:
            yield Token(
                match.start(),
                match.end(),
                form,
                form in _STOP_FORMS or word.lower() in STOP_WORDS,
            )


def key(forms: Iterable[str]) -> str:
    """The key of a phrase: its forms without articles, joined by spaces."""
    return " ".join(form for form in forms if form not in ARTICLES)


def phrase_key(text: str) -> str:
    return key([token.form for token in tokens(text)])


def stem(word: str) -> str:  # noqa: PLR0911 (one return a rule reads better than a chain)
    """Take off the inflection of one English word.

    The result is a key, not always a word: ``announced`` and ``announce`` give ``announc``.
    """
    word = word.lower().replace("’", "'").rstrip(".")
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) < 4 or word in _KEPT or not word.isalpha():
        return _ORDINAL.sub("", word)
    word = _BRITISH.sub("iz", word)
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("es") and word[:-2].endswith(("s", "sh", "ch", "x", "z")):
        return _bare(word[:-2])
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return _bare(word[:-1])
    if word.endswith("ied"):
        return word[:-3] + "y"
    for ending in ("ed", "ing"):
        if (
            word.endswith(ending)
            and not word.endswith("eed")
            and _VOWEL.search(word[: -len(ending)])
        ):
            left = word[: -len(ending)]
            if _SILENT_E.fullmatch(left):
                return left + "e"
            return _bare(_undouble(left)) if len(left) > 2 else word
    return _bare(word)


def _bare(word: str) -> str:
    """Drop a final silent e, so that ``use`` meets ``using``; short words keep it."""
    if (
        len(word) < 5
        or word in _KEPT
        or not word.endswith("e")
        or word.endswith(("ee", "oe", "ye"))
    ):
        return word
    return word[:-1]


def _undouble(word: str) -> str:
    return (
        word[:-1]
        if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz"
        else word
    )
