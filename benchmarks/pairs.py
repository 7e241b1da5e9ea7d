"""What travels together in three real corpora: `python -m benchmarks.pairs`.

The first 20 findings of each: comments that annotators marked for toxicity, sentences filled into
templates with names of groups, and prompts against one model's answers. `docs/correlate.md` has
what a reader made of them.
"""

import sys
from collections.abc import Callable, Iterable
from typing import Any

import corpuscope as cs
from benchmarks.builtin_dictionary import not_learned_from
from benchmarks.kinds import rows
from benchmarks.results import CACHE, record, table
from corpuscope.store.store import Store

MODEL = "gpt-4o-2024-05-13"
N_FILLED, FIRST = 10_000, 20


def comments() -> cs.CorrelateResult:
    """Comments of a news site that the dictionary was not learned from."""
    found = not_learned_from(rows("civil_comments_toxic_spans/comments.jsonl.gz"))
    return cs.correlate(read("comments", _texts(found)))


def filled_templates() -> cs.CorrelateResult:
    """Sentences made from templates, every seventh."""
    every = list(_texts(rows("jigsaw_bias_madlibs/madlibs.jsonl.gz")))
    store = read("filled", every[:: len(every) // N_FILLED])
    return cs.correlate(store)


def prompts_and_answers() -> cs.CorrelateResult:
    """Features of prompts with features of the answers to them."""
    found = [row for row in rows("alpaca_eval/responses.jsonl.gz") if row["model"] == MODEL]
    sides = {"prompts": "prompt", "answers": "response"}
    asked, answered = (
        read(name, [{"id": row["prompt_id"], "text": row[column]} for row in found])
        for name, column in sides.items()
    )
    return cs.correlate(asked, answered, settings=cs.CorrelateSettings(min_support=5))


def read(name: str, texts: Iterable[dict[str, Any]]) -> Store:
    """A store of these texts, kept between runs."""
    digest = cs.load_dictionary().digest[:8]
    return cs.extract(cs.read_corpus(list(texts)), into=CACHE / f"pairs-{name}-{digest}.scope")


def _texts(found: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    return ({"id": row["id"], "text": row["text"]} for row in found)


def main(asked: Callable[[], cs.CorrelateResult]) -> None:
    """Record the first findings, and print them with their texts."""
    found = asked()
    body = []
    for i, one in enumerate(found.findings[:FIRST]):
        body.append([
            i + 1, f"{one.label_a} × {one.label_b}", f"{one.npmi:.2f}", one.n_both,
            f"{one.share_apart:.0%}", f"{one.q_value:.0e}", "yes" if one.unexpected else "no",
            len(one.members),
        ])  # fmt: skip
        print(*body[-1], sep=" | ")
        for shown in found.evidence(i)[:4]:
            print("     ", [shown.text[start:end][:90] for start, end in shown.spans])
    head = (
        f"{asked.__doc__} {found.n_documents:,} documents; {found.n_reaching:,} pairs reach an "
        f"NPMI of .3, {found.n_explained:,} of them not at equal lengths; {found.n_same_places:,} "
        f"peak at one place; {len(found)} findings are shown, the first {FIRST} here."
    )
    columns = ["", "pair", "NPMI", "texts", "apart", "q", "unexpected", "told with it"]
    title = f"What travels together: {asked.__name__.replace('_', ' ')}"
    record(title, [head, "", *table(columns, body)])


if __name__ == "__main__":
    every = (comments, filled_templates, prompts_and_answers)
    for one in every:
        if not sys.argv[1:] or one.__name__ in sys.argv[1:]:
            main(one)
