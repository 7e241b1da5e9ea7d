"""Changed labels: `python -m benchmarks.label_noise report|development [--counts]`.

Of 1, 5 and 10 % of the documents the label is changed to another, drawn at random. Of as many
documents that rank first as suspects, which share was changed? The ranking of `audit` (which lists
only as many of it as it takes to be wrong: `listed`) beside confident learning (cleanlab, which
must be installed beside this package) on the same folds' predictions of a logistic regression on
dense embeddings: of the two ways in which cleanlab ranks, and of four strengths of the ridge, the
best in hindsight is told, which is more than its user would get. Three draws each. Choices were
made on the development corpora.

With `--counts`, of 600 documents of each corpus: how many suspects there are where no label is
changed, 5 % are (to any other, or to the one that models take for likeliest of the others), and
all are drawn anew; beside all documents that models disagree on (the list of before), and what
cleanlab counts on the same probabilities.
"""

import argparse
import importlib
import random
from collections import Counter
from types import ModuleType

import numpy as np
import numpy.typing as npt

import corpuscope as cs
from benchmarks.axes import DEVELOPMENT
from benchmarks.kinds import rows
from benchmarks.results import CACHE, record, table
from corpuscope.analyses.audit.wrong_labels.counts import count_wrong
from corpuscope.analyses.audit.wrong_labels.label_errors import Predicted, by_doubt, predicted
from corpuscope.analyses.comparison.tested_features import supported_features
from corpuscope.corpus.read import read_corpus
from corpuscope.embedding.documents import open_document_vectors
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.store import Store

SHARES, SEEDS = (0.01, 0.05, 0.1), (0, 1, 2)
STRENGTHS = (0.3, 1.0, 3.0, 10.0)
FOLDS = 5


def development() -> dict[str, list[dict[str, str]]]:
    """Texts with labels of four corpora."""
    axes = {"products": "opinion", "turns": "service", "tasks": "kind"}
    made = {
        one.name: [{"text": row["text"], "label": row[axes[one.name]]} for row in one.make()]
        for one in DEVELOPMENT
        if one.name in axes
    }
    comments = [
        {"text": row["text"], "label": "toxic" if row["all_toxic_votes"] > 1 else "other"}
        for row in rows("civil_comments_toxic_spans/comments.jsonl.gz")
        if row["text"].strip()
    ]
    random.Random("comments").shuffle(comments)
    return made | {"comments": comments[:3_000]}


def report() -> dict[str, list[dict[str, str]]]:
    """Texts with labels of three corpora."""
    found = {
        "news": [(row["text"], row["topic"]) for row in rows("ag_news_test/news.jsonl.gz")],
        "reviews": [(row["text"], row["label"])
                    for row in rows("nltk_reviews/sentence_polarity.jsonl.gz")],
        "requests": [(row["text"], row["label"]) for row in rows("clinc150/queries.jsonl.gz")
                     if row["in_scope"]],
    }  # fmt: skip
    sizes = {"news": 3_000, "reviews": 3_000, "requests": 4_500}
    made = {}
    for name, pairs in found.items():
        random.Random(name).shuffle(pairs)
        if name == "requests":
            kept: dict[str, list[str]] = {}
            for text, label in pairs:
                kept.setdefault(label, []).append(text)
            pairs = [(text, label) for label, texts in sorted(kept.items()) for text in texts[:30]]
        made[name] = [{"text": text, "label": label} for text, label in pairs[: sizes[name]]]
    return made


def changed(
    labels: npt.NDArray[np.object_], share: float, seed: int
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.bool_]]:
    """The labels with some changed, and which."""
    rng = np.random.default_rng(seed)
    names, codes = np.unique(labels.astype(str), return_inverse=True)
    bad = rng.choice(len(labels), round(share * len(labels)), replace=False)
    codes[bad] = (codes[bad] + rng.integers(1, len(names), len(bad))) % len(names)
    is_bad = np.zeros(len(labels), dtype=bool)
    is_bad[bad] = True
    return names[codes].astype(object), is_bad


def changed_to_similar(
    labels: npt.NDArray[np.object_], share: float, seed: int, found: Predicted
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.bool_]]:
    """The labels with some changed to the likeliest of the others, and which."""
    names, codes = np.unique(labels.astype(str), return_inverse=True)
    bad = np.random.default_rng(seed).choice(len(labels), round(share * len(labels)), replace=False)
    others = found.probabilities.copy()
    others[np.arange(len(labels)), codes] = -1
    is_bad = np.zeros(len(labels), dtype=bool)
    is_bad[bad] = True
    return names[np.where(is_bad, others.argmax(axis=1), codes)].astype(object), is_bad


def predicted_of(store: Store, labels: npt.NDArray[np.object_]) -> Predicted:
    """What the audit's models say of all documents."""
    source, rows = NamedStore(store), np.arange(store.n_documents)
    columns = supported_features(source, np.ones(len(rows), dtype=bool), words=True, features=True,
                                min_support=5, level=None)  # fmt: skip
    return predicted(source, columns, rows, labels, groups=rows, folds=FOLDS, seed=0)


def counts_row(name: str, world: str, found: Predicted, labels: npt.NDArray[np.object_],
               is_bad: npt.NDArray[np.bool_]) -> list[object]:  # fmt: skip
    """How many suspects there are, by each way of counting, and how many of them are changed."""
    num_label_issues = cleanlab_module("count").num_label_issues
    codes = np.unique(labels.astype(str), return_inverse=True)[1]
    told = count_wrong(found.probabilities, codes)
    doubted = by_doubt(found.probabilities, codes)
    precision = f"{is_bad[doubted[: told.n]].mean():.2f}" if told.n and is_bad.any() else ""
    return [name, world, int(is_bad.sum()), len(doubted),
            num_label_issues(codes, found.probabilities), told.n,
            "{} to {}".format(*told.interval), precision]  # fmt: skip


def count(family: str) -> None:
    """Record how many suspects there are in each world."""
    body = []
    for name, texts in (report() if family == "report" else development()).items():
        known = [one for one in texts if one["text"].strip()]
        random.Random(1).shuffle(known)
        sizes = Counter(one["label"] for one in known)
        # Of many classes the 30 first by name, so that each has some twenty documents.
        kept = sorted(sizes)[:30]
        known = [one for one in known if one["label"] in kept][:600]
        store = cs.extract(read_corpus(known), into=CACHE / f"counts-{name}.scope", progress=True)
        labels, none = store.column("label").astype(object), np.zeros(len(known), dtype=bool)
        clean = predicted_of(store, labels)
        drawn = np.random.default_rng(0).permutation(labels)
        worlds = {
            "none changed": (labels, none),
            "5 % changed": changed(labels, 0.05, 0),
            "5 % changed to a similar class": changed_to_similar(labels, 0.05, 0, clean),
            "exchanged at random": (drawn, none),
        }
        for world, (own, is_bad) in worlds.items():
            found = clean if own is labels else predicted_of(store, own)
            body.append(counts_row(name, world, found, own, is_bad))
            print(body[-1], flush=True)
    header = ["corpus", "labels", "changed", "models disagree", "cleanlab counts", "suspects",
              "95 % interval", "of them changed"]  # fmt: skip
    title = "Wrong labels: how many suspects there are"
    record(title if family == "report" else f"{title} (development)", table(header, body))


def cleanlab_module(name: str) -> ModuleType:
    """A part of cleanlab, or what to do to have it."""
    try:
        return importlib.import_module(f"cleanlab.{name}")
    except ModuleNotFoundError:
        raise SystemExit("this benchmark compares with cleanlab: pip install cleanlab") from None


def found_by_audit(store: Store, labels: npt.NDArray[np.object_], n: int) -> tuple[int, list[str]]:
    """How many `audit` lists, and the ids of the first by its ranking."""
    found = predicted_of(store, labels)
    codes = np.unique(labels.astype(str), return_inverse=True)[1]
    listed = count_wrong(found.probabilities, codes).n
    return listed, store.ids[by_doubt(found.probabilities, codes)[:n]].tolist()


def found_by_confident_learning(
    store: Store, labels: npt.NDArray[np.object_], n: int
) -> dict[str, list[str]]:
    """The same of cleanlab, for each way of ranking and strength."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    get_label_quality_scores = cleanlab_module("rank").get_label_quality_scores
    vectors = open_document_vectors(store)
    inputs = vectors.steps * vectors.scales[:, None]
    inputs = inputs / np.linalg.norm(inputs, axis=1, keepdims=True)
    codes = np.unique(labels.astype(str), return_inverse=True)[1]
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    found = {}
    for c in STRENGTHS:
        model = LogisticRegression(C=c, max_iter=200, tol=1e-3)
        told = cross_val_predict(model, inputs, codes, cv=folds, method="predict_proba")
        for method in ("self_confidence", "normalized_margin"):
            scores = get_label_quality_scores(codes, told, method=method)
            order = np.argsort(scores, kind="stable")[:n]
            found[f"{method}, C {c:g}"] = store.ids[order].tolist()
    return found


def main(family: str) -> None:
    """Record both for each corpus and share."""
    body = []
    for name, texts in (report() if family == "report" else development()).items():
        store = cs.extract(read_corpus(texts), into=CACHE / f"noise-{name}.scope", progress=True)
        labels = store.column("label").astype(object)
        for share in SHARES:
            ours, theirs, listed = [], {}, []
            for seed in SEEDS:
                noisy, is_bad = changed(labels, share, seed)
                bad, n = set(store.ids[is_bad].tolist()), int(is_bad.sum())
                n_listed, first = found_by_audit(store, noisy, n)
                listed.append(n_listed)
                ours.append(len(bad & set(first)) / n)
                for way, ids in found_by_confident_learning(store, noisy, n).items():
                    theirs.setdefault(way, []).append(len(bad & set(ids)) / n)
            best = max(theirs, key=lambda way: np.mean(theirs[way]))
            usual = "self_confidence, C 1"
            figures = [np.mean(ours), np.mean(theirs[usual]), np.mean(theirs[best])]
            row = [name, len(labels), f"{share:.0%}", *(f"{one:.3f}" for one in figures), best,
                   f"{np.mean(listed):.0f} for {n}"]  # fmt: skip
            print(row, flush=True)
            body.append(row)
    header = ["corpus", "documents", "changed", "audit", "confident learning",
              "its best in hindsight", "which", "listed"]  # fmt: skip
    title = "Changed labels: the share of them among as many first suspects"
    record(title if family == "report" else f"{title} (development)", table(header, body))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", choices=["report", "development"])
    parser.add_argument("--counts", action="store_true")
    asked = parser.parse_args()
    (count if asked.counts else main)(asked.family)
