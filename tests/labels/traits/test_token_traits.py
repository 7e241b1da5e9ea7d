"""What is seen of a token by looking: its word, its class, its place and its neighbours."""

import pytest

from corpuscope.labels.context import FeatureContext
from corpuscope.labels.traits.token_traits import token_traits, whole_word
from tests.labels.worlds import token


def of(context: FeatureContext, slot: str) -> list[str]:
    return [value for name, _, value in (trait.partition("=") for trait in token_traits(context))
            if name == slot]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "unit", "classes"),
    [
        ("You may go.", "may", ["modal verb"]), ("Go to NASA.", "NASA", ["word in capitals"]),
        ("He met Anna.", "Anna", ["capitalised name"]), ("Anna came.", "Anna", []),
        ("So The end.", "The", ["article"]), ("a B2B firm", "B2B", ["word in capitals",
                                                                   "letters with digits"]),
        ("in 1987.", "1987", ["number", "year"]), ("in 2187.", "2187", ["number"]),
        ("2. Next", "2", ["number", "list number"]), ("(2) Next", "2", ["number"]),
        ("up 7%.", "7", ["number", "percentage"]), ("for €7.", "7", ["number", "amount of money"]),
        ("so – no", "–", ["punctuation or sign", "dash"]),
        ("a (b) c", "(", ["punctuation or sign", "bracket"]),
        ("x_y = 3", "=", ["punctuation or sign", "code sign"]),
        ("cost $5", "$", ["punctuation or sign", "code sign", "currency sign"]),
        ("Really?", "?", ["punctuation or sign", "final sign"]),
        ("- an item", "-", ["punctuation or sign", "dash", "bullet"]),
        ("-item", "-", ["punctuation or sign", "dash"]),
        ("## Part", "##", ["punctuation or sign", "heading sign"]),
        ("so 😀 then", "😀", ["punctuation or sign", "emoji"]),
        ('say "no"', '"', ["punctuation or sign", "quotation mark", "opening quotation mark"]),
        ('no" said', '"', ["punctuation or sign", "quotation mark", "closing quotation mark"]),
        ("a b", " ", ["white space"]),
    ],
)  # fmt: skip
def test_a_token_has_the_classes_of_its_word_or_sign(
    text: str, unit: str, classes: list[str]
) -> None:
    assert sorted(of(token(text, unit), "class")) == sorted(classes)


def test_a_colon_before_a_new_line_is_told_by_what_follows() -> None:
    name = "colon before a new line"
    assert name in of(token("As follows:", ":", after="\n- one"), "class")
    assert name not in of(token("As follows:", ":", after=" one"), "class")
    assert name not in of(token("As: follows", ":", after="\n"), "class")


@pytest.mark.parametrize(
    ("word", "endings", "beginnings"),
    [("unhappiness", ["ness"], ["un"]), ("sing", [], []), ("going", [], []),
     ("ending", ["ing"], ["en"]), ("reread", [], ["re"]), ("read", [], []),
     ("isn't", ["n't"], []), ("cat's", ["'s"], []),
     ("transport", [], ["trans"])],
)  # fmt: skip
def test_endings_and_beginnings_leave_three_letters(
    word: str, endings: list[str], beginnings: list[str]
) -> None:
    context = token(f"so {word} it", word)
    assert of(context, "ending") == endings
    assert of(context, "beginning") == beginnings
    assert of(context, "initial") + of(context, "final") == [word[0], word[-1]]


def test_a_piece_stands_for_its_whole_word() -> None:
    first, rest = token("they overran it", "over"), token("they overran it", "ran")
    assert of(first, "word") == of(rest, "word") == ["overran"]
    assert of(first, "class") == ["start of a rare or long word"]
    assert of(rest, "class") == ["rest of a rare or long word"]
    assert of(token("they overran it", "overran"), "class") == []
    assert of(token("I don't", "don"), "class").count("start of a rare or long word") == 0
    assert whole_word(rest) == "overran"
    assert whole_word(token("So NO.", "NO")) == "no"
    assert whole_word(token("a b", " ")) == " "


@pytest.mark.parametrize(
    ("text", "unit", "more", "places"),
    [
        ("Then we go.", "Then", {}, ["opening a sentence"]),
        ("Then we go.", "we", {}, ["second in a sentence"]),
        ("Then we go.", "go", {}, ["ending a sentence"]),
        ("Then we go.", ".", {}, ["ending a sentence"]),
        ("Then we go on.", "go", {}, []),
        ('"Then we go.', "Then", {}, ["opening a sentence"]),
        ("Go!", "Go", {}, ["alone in its sentence", "ending a sentence", "opening a sentence"]),
        ("Then we go.", "Then", {"opens_text": True}, ["opening a sentence", "opening the text"]),
        ("Then we go.", "Then", {"before": "Why? "}, ["after a question", "opening a sentence"]),
        ("Then we go.", "Then", {"before": "so.\n"}, ["opening a line", "opening a sentence"]),
        ("Then we go.", "go", {"ends_text": True}, ["ending a sentence", "ending the text"]),
        ('So "no way" it is.', "way", {}, ["within quotation marks"]),
        ("So “no way” it is.", "way", {}, ["within quotation marks"]),
        ('So "no way" it is.', "it", {}, []),
        ("So “no way” it is.", "it", {}, []),
        ("So (no way) it is.", "way", {}, ["within brackets"]),
        ("So (no) it is.", "it", {}, []),
        ("So (no way it is.", "way", {}, []),
        ("Be **very bold** now.", "bold", {}, ["within bold text"]),
        ("Be **bold** or not.", "or", {}, []),
        ("A re-opened shop.", "opened", {}, ["joined to the word before"]),
        ("A yes-or/no one.", "or", {}, ["joined to the word after", "joined to the word before"]),
    ],
)
def test_a_token_stands_where_it_stands(
    text: str, unit: str, more: dict[str, object], places: list[str]
) -> None:
    assert sorted(of(token(text, unit, **more), "where")) == places  # type: ignore[arg-type]


def test_up_to_three_neighbours_are_told_on_either_side_numbers_alike() -> None:
    context = token("one, two 3 four five six seven", "four")
    assert of(context, "after") == ["‹number›", "two ‹number›", ", two ‹number›"]
    assert of(context, "before") == ["five", "five six", "five six seven"]
    first = token("one two", "one")
    assert of(first, "after") == []
    assert of(first, "before") == ["two"]


def test_the_sentence_around_is_told_without_the_word_itself() -> None:
    context = token("Can ships sail to the harbour?", "ships")
    assert of(context, "near") == ["sail", "harbour"]
    assert of(context, "in") == ["question"]
    assert of(context, "forms") == ["ship"]
    many = token(" ".join(f"q{chr(97 + i % 26)}{chr(97 + i // 26)}q" for i in range(50)), "qaaq")
    # The first thirty, of which it is one.
    assert len(of(many, "near")) == 29
    found = token_traits(many)
    assert len(found) == len(set(found))
