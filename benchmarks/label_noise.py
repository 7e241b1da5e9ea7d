"""Changed labels: `python -m benchmarks.label_noise report|development`.

Of 1, 5 and 10 % of the documents the label is changed to another, drawn at random. Of as many
first suspects, which share was changed? `audit` beside confident learning (cleanlab, which
must be installed beside this package) on the same folds' predictions of a logistic regression on
dense embeddings: of the two ways in which cleanlab ranks, and of four strengths of the ridge, the
best in hindsight is told, which is more than its user would get. Three draws each. Choices were
made on the development corpora.
"""

import argparse
import random

import numpy as np
import numpy.typing as npt

import corpuscope as cs
from benchmarks.axes import DEVELOPMENT
from benchmarks.kinds import rows
from benchmarks.results import CACHE, record, table
from corpuscope.analyses.document_vectors import open_document_vectors
from corpuscope.corpus import read_corpus
from corpuscope.store import Store

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


def found_by_audit(store: Store, labels: npt.NDArray[np.object_], n: int) -> list[str]:
    """The ids of the first suspects."""
    told = cs.audit(store, label=labels, checks=["suspect_labels"], max_lines=n, evidence=0)
    return [line.id for line in told.suspect_labels]


def found_by_confident_learning(
    store: Store, labels: npt.NDArray[np.object_], n: int
) -> dict[str, list[str]]:
    """The same of cleanlab, for each way of ranking and strength."""
    from cleanlab.rank import get_label_quality_scores
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

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
            ours, theirs = [], {}
            for seed in SEEDS:
                noisy, is_bad = changed(labels, share, seed)
                bad, n = set(store.ids[is_bad].tolist()), int(is_bad.sum())
                ours.append(len(bad & set(found_by_audit(store, noisy, n))) / n)
                for way, ids in found_by_confident_learning(store, noisy, n).items():
                    theirs.setdefault(way, []).append(len(bad & set(ids)) / n)
            best = max(theirs, key=lambda way: np.mean(theirs[way]))
            usual = "self_confidence, C 1"
            figures = [np.mean(ours), np.mean(theirs[usual]), np.mean(theirs[best])]
            row = [name, len(labels), f"{share:.0%}", *(f"{one:.3f}" for one in figures), best]
            print(row, flush=True)
            body.append(row)
    header = ["corpus", "documents", "changed", "audit", "confident learning",
              "its best in hindsight", "which"]  # fmt: skip
    title = "Changed labels: the share of them among as many first suspects"
    record(title if family == "report" else f"{title} (development)", table(header, body))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", choices=["report", "development"])
    main(parser.parse_args().family)
