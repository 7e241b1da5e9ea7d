"""Surface traits of sentences: words, phrases and forms."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from corpuscope.corpus.texts.stops import word_set
from corpuscope.labels.context import FeatureContext
from corpuscope.labels.word_forms import FUNCTION_WORDS, WordPiece, pieces, stem, words_of

__all__ = ["content_stems", "forms_around", "sentence_forms", "sentence_traits"]

_FEW_WORDS = 4
# The end of the block Latin Extended-B.
_LAST_LATIN = "\u024f"
_MANY_WORDS = 30
_LIST_NUMBER = re.compile(r"\s*\(?(?:\d{1,3}|[a-zA-Z])[.)](?=\s|$)")
_BULLET = re.compile(r"\s*[-*+•‣▪◦·–](?=\s)")
_HEADING = re.compile(r"\s*#{1,6}\s|\s*\*\*[^*\n]+\*\*:?\s*$|\s*=+ .* =+\s*$")
_SPEAKER = re.compile(r"\s*(?:\[?[A-Z][\w .'-]{0,24}\]?\s?:|[-–—]\s*[\"“]?[A-Z])")
_QUOTATION = re.compile(r"[\"“”«»][^\"“”«»]{2,}[\"“”«»]|``.+''")
_CODE = re.compile(
    r"[{};]\s*$|\w+\(.*\)\s*[;:{]?\s*$|[=!<>]=|\w+\.\w+\(|=>|->|::|\b\w+_\w+\b|"
    r"^\s*(?:def|class|import|from|return|for|if|while|print|var|let|const|public|int|SELECT|"
    r"function|<\/?\w+[^>]*>)\b.*[(){};:=>]|^\s*(?:[$>#]|</?\w)|\s--?\w[\w-]*"
)
_LINK = re.compile(r"https?://|www\.|\S@\S+\.\w")
_FIRST_PERSON = word_set("i i'm i've i'd i'll me my mine myself")
_PRONOUNS = {
    'first person "I"': _FIRST_PERSON,
    'first person "we"': word_set("we we're we've we'll us our ours ourselves"),
    'second person "you"': word_set("you your yours you're you've you'll yourself"),
    '"he"': word_set("he him his he's himself"),
    '"she"': word_set("she her hers she's herself"),
    '"they"': word_set("they them their they're themselves"),
    "negation": word_set(
        "not no never nothing none nobody don't doesn't didn't can't cannot won't isn't "
        "aren't wasn't wouldn't couldn't shouldn't"
    ),
    '"if"': word_set("if"),
}
_COMMANDS = word_set(
    "add analyze answer apply arrange ask avoid be bring build calculate call change "
    "check choose classify click combine compare complete compose consider convert "
    "convince count create cut define delete describe design determine develop discuss "
    "display do don't draw edit enter estimate evaluate explain extract fill find fix "
    "follow generate get give go help identify imagine implement include install keep "
    "leave let let's list look make mix name note offer open order organize place plan "
    "play please predict prepare print propose provide put read recommend remember "
    "remind remove rename replace rewrite run save say search select send set share "
    "show simplify solve sort specify start stop suggest summarize take tell think "
    "translate transform try turn use visit wait watch write"
)
_SIGNS_AT_END = re.compile(r"[\s\"'”’»)\]*_`]+$")


def sentence_traits(context: FeatureContext) -> list[str]:
    """The traits of a sentence, as `slot=value`.

    `word` is a stem, `phrase` a bigram of surface words, `form` a property of the whole sentence.
    """
    found = pieces(context.text)
    words = [piece for piece in found if _is_word(piece)]
    traits = [f"word={stem(word)}" for word, _, _ in words if not word.isdigit()]
    traits += [f"phrase={phrase}" for phrase in _phrases(context.text, words)]
    traits += [f"form={form}" for form in sentence_forms(context)]
    return list(dict.fromkeys(traits))


@lru_cache(maxsize=1 << 15)
def content_stems(text: str) -> tuple[str, ...]:
    """Distinct stems of the content words."""
    said = (word for word in words_of(text) if word not in FUNCTION_WORDS)
    return tuple(dict.fromkeys(map(stem, said)))


def sentence_forms(context: FeatureContext) -> list[str]:
    """Names of the forms of a sentence, such as `question`."""
    words = words_of(context.text)
    return [
        *forms_around(context.text),
        *_contents(context.text),
        *_persons(words),
        *_place(context),
    ]


@lru_cache(maxsize=1 << 15)
def forms_around(text: str) -> tuple[str, ...]:
    """The forms of a sentence that also serve as traits of its tokens."""
    words = words_of(text)
    return (*_layout(text), *_ending(text), *_letters(text), *_counts(words), *_command(words))


_LAYOUTS = (
    ("numbered item", _LIST_NUMBER.match),
    ("list item", _BULLET.match),
    ("heading", _HEADING.match),
    ("code line", _CODE.search),
    ("link or address", _LINK.search),
    ("dialogue turn", _SPEAKER.match),
)


def _layout(text: str) -> Iterator[str]:
    return (name for name, is_in in _LAYOUTS if is_in(text))


def _contents(text: str) -> Iterator[str]:
    if _QUOTATION.search(text):
        yield "quotation"
    if "(" in text and ")" in text:
        yield "bracketed remark"
    if any(map(str.isdigit, text)):
        yield "with a number"


def _ending(text: str) -> Iterator[str]:
    last = _SIGNS_AT_END.sub("", text)[-1:]
    if last in "?？؟" and last:
        yield "question"
    elif last in "!！" and last:
        yield "exclamation"
    elif last == ":":
        yield "ends with a colon"
    elif last.isalnum():
        yield "no final punctuation"


def _letters(text: str) -> Iterator[str]:
    n_letters = sum(map(str.isalpha, text))
    if n_letters > 3 and text.islower():
        yield "lower-case text"
    elif n_letters > 3 and text.isupper():
        yield "all capitals"
    if n_letters < 0.5 * (len(text) - text.count(" ")):
        yield "mostly signs or digits"
    if not text.isascii() and sum(c.isalpha() and c > _LAST_LATIN for c in text) > n_letters / 2:
        yield "not in Latin letters"


def _counts(words: list[str]) -> Iterator[str]:
    if not words:
        yield "no words"
    elif len(words) <= _FEW_WORDS:
        yield "few words"
    elif len(words) >= _MANY_WORDS:
        yield "long sentence"


def _persons(words: list[str]) -> Iterator[str]:
    there = set(words)
    for name, members in _PRONOUNS.items():
        if there & members:
            yield name


def _command(words: list[str]) -> Iterator[str]:
    first = next((w for w in words if not w.isdigit() and len(w) > 1), "")
    if first in _COMMANDS:
        yield "command"


def _place(context: FeatureContext) -> Iterator[str]:
    if context.opens_text and context.ends_text:
        yield "the whole text"
    elif context.opens_text:
        yield "opening the text"
    elif context.ends_text:
        yield "ending the text"
    if context.before.rstrip().rstrip("\"'”’)*_")[-1:] == "?":
        yield "after a question"


def _phrases(text: str, words: list[WordPiece]) -> Iterator[str]:
    for (left, _, end), (right, start, _) in pairwise(words):
        if start - end <= 2 and not text[end:start].strip(" -\u00a0"):
            yield f"{left} {right}"


def _is_word(piece: WordPiece) -> bool:
    return piece[0][0].isalnum()
