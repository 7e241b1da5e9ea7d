"""Axis presets: the poles that a common name of an axis stands for.

"Writing style" matches no feature, but "formal academic language" does. Without a language model
to expand the name, this list does. A request that is not in it is used as a phrase.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from corpuscope.embedding.embedder import load_phrase_embedder

# Minimum cosine of a request to a preset's name: "the mood" matches "mood", "food" does not.
_SAME = 0.75

AXIS_PRESETS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("topic", "subject", "theme", "what it is about"): (
        "politics and world affairs", "business and the economy", "science and technology",
        "sports and games", "health and medicine", "films, music and books", "food and cooking",
        "travel and places", "religion and belief", "family and daily life"),
    ("sentiment", "opinion", "polarity", "positive or negative"): (
        "praise, satisfied, wonderful", "criticism, disappointed, bad"),
    ("writing style", "style", "wording"): (
        "formal academic language", "casual everyday language", "old-fashioned biblical language",
        "poetic, lyrical language", "plain factual reporting", "internet slang and misspellings"),
    ("tone", "tone of voice"): (
        "warm and friendly", "formal and distant", "angry and hostile", "funny and playful",
        "sad and serious", "excited and enthusiastic"),
    ("emotion", "mood", "feelings"): (
        "joy and happiness", "sadness and grief", "anger and annoyance", "fear and worry",
        "surprise", "love and affection"),
    ("formality", "register", "formal or informal"): (
        "formal official language", "informal casual language"),
    ("genre", "kind of text", "text type"): (
        "news report", "story, fiction", "academic article", "conversation", "instructions, how-to",
        "review, opinion", "letter", "public speech", "biography", "encyclopedia article"),
    ("spoken or written language", "spoken or written", "medium"): (
        "spontaneous speech, um, yeah", "edited written prose"),
    ("kind of task", "task"): (
        "programming and code", "stories and role play", "questions about facts", "mathematics",
        "advice and plans", "rewriting and translating"),
    ("intent", "speech act", "instruction or answer"): (
        "a question", "a request to do something", "an answer or explanation",
        "an offer of help"),
    ("who is speaking", "speaker", "role"): (
        "a customer asks for something", "an assistant offers help or asks back"),
    ("reasoning", "wording of the reasoning", "way of reasoning"): (
        "step by step calculation", "asking oneself questions", "explaining why in words",
        "the final answer alone"),
    ("certainty", "hedging", "confidence"): (
        "certain, definitely, surely", "perhaps, maybe, it seems"),
    ("time", "tense", "past or future"): (
        "what happened in the past", "what is happening now", "plans for the future"),
    ("point of view", "grammatical person"): (
        "I, me, my own experience", "you, addressing the reader", "he, she, they"),
    ("difficulty", "audience", "reading level"): (
        "technical terms for experts", "simple words for beginners"),
    ("politeness", "manners"): ("polite, please, thank you", "rude and insulting"),
    ("format", "layout", "structure"): (
        "bullet points and numbered lists", "headings and bold text", "flowing paragraphs",
        "code and tables"),
}  # fmt: skip


def preset_poles(request: str) -> tuple[str, ...]:
    """The poles of the axis preset that a request names; empty if it names none.

    Example:
        >>> preset_poles("Sentiment")
        ('praise, satisfied, wonderful', 'criticism, disappointed, bad')
        >>> preset_poles("apologies for a late delivery")
        ()
    """
    plain = " ".join(request.lower().split())
    for names, poles in AXIS_PRESETS.items():
        if plain in names:
            return poles
    return _nearest(plain, [names[0] for names in AXIS_PRESETS])


def _nearest(request: str, names: Sequence[str]) -> tuple[str, ...]:
    vectors = load_phrase_embedder().embed([request, *names])
    cosines = vectors[1:] @ vectors[0]
    best = int(np.argmax(cosines))
    return list(AXIS_PRESETS.values())[best] if cosines[best] >= _SAME else ()
