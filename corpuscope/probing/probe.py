"""What can a label be told from, and does that hold on corpora that were not seen?

1. Documents are put in groups that are never divided: near copies, and the column given.
2. A quarter of the groups is held out to test on. All choices, of penalties and of features, are
   made by cross-validation among the others.
3. Probes of states, of features, of what the dictionary reconstructs and of what it leaves out,
   and three humble ones, learn from the same documents and are judged on the same others.
4. Corpora that none has seen are judged by the same probes; what counts is how far they drop.

Why so, and what to expect: `docs/probe.md`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from corpuscope.analyses.duplicates import duplicates_in
from corpuscope.analyses.names import Names
from corpuscope.analyses.source import Source, Stores
from corpuscope.errors import InputError, NotEnoughData
from corpuscope.probing.course import Course, Learned
from corpuscope.probing.evaluating import (
    Judged,
    Measured,
    best_of,
    measured,
    training_threshold,
)
from corpuscope.probing.fitting import Lesson
from corpuscope.probing.listing import listed_features
from corpuscope.probing.materials import Material
from corpuscope.probing.pooled import open_pooled
from corpuscope.probing.pupils import Division, Pupils, find_pupils
from corpuscope.probing.result import Probe, ProbeResult
from corpuscope.probing.specs import Spec, positions_in, specs_of
from corpuscope.probing.splits import are_known, groups_of
from corpuscope.probing.targets import Labels, Target, column_or_constant, find_target
from corpuscope.probing.unseen import Unseen, UnseenStores, named_unseen
from corpuscope.store import Store

if TYPE_CHECKING:
    from corpuscope.extraction.progress import Report
    from corpuscope.reader import LanguageModel
    from corpuscope.sae import Dictionary


def probe(
    store: Stores,
    *,
    label: str,
    unseen: UnseenStores = (),
    target: str | None = None,
    group: str | None = None,
    probes: Iterable[str] | None = None,
    without: Sequence[int] = (),
    test: float = 0.25,
    folds: int = 5,
    evidence: int = 2,
    rename: bool = True,
    dictionary: "str | Path | Dictionary" = "builtin",
    reader: "LanguageModel | None" = None,
    progress: "Report | bool | None" = None,
    seed: int = 0,
) -> ProbeResult:
    """Which probes can tell a label, and how far they drop on unseen corpora.

    Args:
        store: What probes learn from, and are tested on. Several stores of one dictionary are
            read as one.
        label: The column of the labels: classes, or numbers.
        unseen: Stores that are only judged on, of the same dictionary, or names for them. Where
            one has its labels in another column, or is of one class altogether, `Unseen` says so.
        target: Of two classes, the one that scores rise with; by default the second.
        group: Documents with one value in this column are never divided between the parts;
            nor are near copies.
        probes: Names of probes, such as `sae token max k=16`; by default some twenty-six.
        without: Features that are struck out: SAE probes learn again without them, and both
            are shown.
        test: The share of the documents that is tested on.
        folds: Of the cross-validation; at least 2.
        evidence: How many documents show a feature, of each class.
        rename: Whether features are named from these documents, which takes some seconds.
        dictionary: That of the stores: itself, its folder, or "builtin".
        reader: The language model; by default the one that the dictionary names.
        progress: Is told how far reading has come; True draws a bar on standard error.
        seed: Of all that is drawn.

    Cost: texts are read once more, as at extraction, and copies are looked for; both are kept in
    the stores' caches. Then some twenty seconds for 10,000 documents on one core.

    Raises:
        ColumnNotFound: A column is not there.
        GroupNotFound: There is no class `target`.
        NotEnoughData: There is one class only, or too few groups of one.
        FeatureMismatch: A store was read with another dictionary.
        ReaderError: The reader cannot be loaded.
        InputError: A number, a probe or a feature is none that there is.

    Example:
        >>> found = probe(store, label="harmful", unseen=[other])  # doctest: +SKIP
        >>> found.to_frame()  # doctest: +SKIP
    """
    parameters = _parameters(locals())
    _check_numbers(test=test, folds=folds, evidence=evidence)
    source = Source(store)
    store = source.as_one
    struck = _struck_out(store, without)
    others = named_unseen(unseen, store)
    values = column_or_constant(store, label, None)
    aim = find_target(values, label=label, target=target)
    labels = aim.labels(values, where=store.path.name)
    pupils = find_pupils(store, aim, labels, Division(group, test, folds, seed))
    material, specs = _material(store, probes, dictionary, reader, progress)
    course = Course(material, pupils.train, pupils.lesson(aim), specs, seed)
    judged_on, warnings = [], list(pupils.labels.warnings)
    for name, one in others.items():
        asked = _Asked(name, label, group)
        found, remarks = _unseen(one, asked, aim, pupils)
        pooled = _read(one.store, specs, dictionary, reader, progress)
        judged_on.append((Material(one.store, pooled), found))
        warnings += remarks
    judged_on = [(material, own) for own in pupils.judged] + judged_on
    learned, remarks = _learn_all(course, struck)
    results = [_judge(one, judged_on, aim, course.lesson) for one in learned]
    full = [i for i, one in enumerate(learned) if not one.without]
    return ProbeResult(
        told=tuple(
            _told(one, own, aim, course, source) for one, own in zip(learned, results, strict=True)
        ),
        label=label,
        classes=aim.classes,
        best=best_of(
            [learned[i].spec.name for i in full],
            [learned[i].spec.uses_sae for i in full],
            [learned[i].validation for i in full],
            [results[i] for i in full],
        ),
        parameters=parameters,
        store=str(store.path),
        digest=store.digest,
        n_documents=len(pupils.labels.rows),
        # What the stores warn of comes last to be asked: caches are opened until here.
        warnings=(*source.warnings, *_warnings_of(others), *warnings, *remarks),
        names=Names(source, pupils.mask(store.n_documents), here=rename),
        source=source,
        sides=_sides(values, pupils.labels, aim),
        n_evidence=evidence,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """How an unseen corpus is called, and where its labels and groups are."""

    name: str
    label: str
    group: str | None


def _warnings_of(others: Mapping[str, Unseen]) -> list[str]:
    return [warning for one in others.values() for warning in one.store.warnings]


def _unseen(one: Unseen, asked: _Asked, aim: Target, pupils: Pupils) -> tuple[Judged, list[str]]:
    """The documents of an unseen corpus, without those whose text was learned from or tested on."""
    store, name = one.store, asked.name
    found = aim.labels(column_or_constant(store, one.label or asked.label, one.all), where=name)
    texts = [text for batch in store.text_batches() for text in batch]
    is_new = ~are_known([texts[row] for row in found.rows], pupils.texts)
    rows = found.rows[is_new]
    if not len(rows):
        raise NotEnoughData(
            f"no document of the unseen corpus {name!r} has a label that was learned "
            "and a text that was not",
            expected=f"labels among {list(aim.classes)}" if aim.classes else "numbers",
            next_step="name the column of its labels, or the class of all its documents",
        )
    remarks = list(found.warnings)
    if n_known := int((~is_new).sum()):
        remarks.append(
            f"{n_known:,} documents of {name} have nearly the text of one that was learned from or "
            "tested on; they are left out"
        )
    keys = (
        store.column(asked.group)[rows].tolist()
        if asked.group and asked.group in store.columns
        else None
    )
    groups = groups_of(duplicates_in(Source(store), rows), rows, keys)
    targets = found.targets[is_new]
    return Judged(name, "unseen", rows, targets, groups), remarks


def _material(
    store: Store,
    probes: Iterable[str] | None,
    dictionary: "str | Path | Dictionary",
    reader: "LanguageModel | None",
    progress: "Report | bool | None",
) -> tuple[Material, tuple[Spec, ...]]:
    parts = (store.provenance.get("dictionary") or {}).get("parts", ())
    specs = specs_of(probes, [part["unit"] for part in parts])
    return Material(store, _read(store, specs, dictionary, reader, progress)), specs


def _read(
    store: Store,
    specs: Sequence[Spec],
    dictionary: "str | Path | Dictionary",
    reader: "LanguageModel | None",
    progress: "Report | bool | None",
) -> Any:
    """What the probes need of a store; None where they do without states."""
    if not any(one.unit for one in specs):
        return None
    tokens = any(one.pooling == "attention" for one in specs)
    return open_pooled(
        store, positions=positions_in(specs), tokens=tokens, dictionary=dictionary,
        reader=reader, progress=progress,
    )  # fmt: skip


def _learn_all(course: Course, struck: frozenset[int]) -> tuple[list[Learned], list[str]]:
    """Every probe, and those again that looked at a feature that is struck out."""
    learned, touched = [], False
    for spec in course.specs:
        one = course.learn(spec)
        learned.append(one)
        if struck & set(one.features.tolist()):
            touched = True
            learned.append(course.learn(spec, struck))
    remarks = [
        f"{one.spec.name} did not come to its end; its figures may still move"
        for one in learned
        if not one.is_converged
    ]
    if struck and not touched:
        remarks.append("no probe looks at a feature that was struck out")
    return learned, remarks


def _judge(
    one: Learned, judged_on: Sequence[tuple[Material, Judged]], aim: Target, lesson: Lesson
) -> list[Measured]:
    """The probe on every corpus: train, test, then the unseen ones."""
    is_number = aim.kind == "number"
    threshold = None if is_number else training_threshold(one.out_of_fold, lesson.targets)
    found: list[Measured] = []
    for material, corpora in groupby(judged_on, key=itemgetter(0)):
        every = [documents for _, documents in corpora]
        scores = one.scores(material, np.concatenate([documents.rows for documents in every]))
        ends = np.cumsum([len(documents.rows) for documents in every])
        for documents, own in zip(every, np.split(scores, ends[:-1]), strict=True):
            test = found[1] if len(found) > 1 else None
            found.append(
                measured(own, documents, threshold=threshold, is_number=is_number, test=test)
            )
    return found


def _told(
    one: Learned, found: Sequence[Measured], aim: Target, course: Course, source: Source
) -> Probe:
    struck = f" ({len(one.without)} struck out)" if one.without else ""
    return Probe(
        name=one.spec.name + struck,
        kind=one.spec.kind,
        uses_sae=one.spec.uses_sae,
        n_features=one.n_features,
        without=tuple(sorted(one.without)),
        penalty=one.penalty,
        validation=one.validation,
        features=listed_features(one, aim, course, source),
        evaluations=tuple(own.evaluation for own in found),
    )


def _sides(values: Sequence[Any], labels: Labels, aim: Target) -> npt.NDArray[np.object_]:
    """For each document of the store what its evidence is shown under."""
    sides = np.full(len(values), None, dtype=object)
    for row in labels.rows:
        sides[row] = str(values[row]) if aim.kind == "classes" else ""
    return sides


def _struck_out(store: Store, without: Sequence[int]) -> frozenset[int]:
    wrong = [
        one for one in without
        if isinstance(one, bool) or not isinstance(one, int | np.integer)
        or not 0 <= one < store.n_features
    ]  # fmt: skip
    if wrong:
        raise InputError(
            f"{wrong} among the features that are struck out",
            expected=f"numbers of features, 0 to {store.n_features - 1}",
            next_step="take the numbers from the features of a probe",
        )
    return frozenset(int(one) for one in without)


def _check_numbers(*, test: float, folds: int, evidence: int) -> None:
    if not 0 < test < 1 or folds < 2 or evidence < 0:
        raise InputError(
            f"test is {test}, folds is {folds}, evidence is {evidence}",
            expected="test between 0 and 1, 2 folds or more, evidence 0 or more",
            next_step="leave them out for the usual ones",
        )


def _parameters(given: dict[str, Any]) -> dict[str, Any]:
    """What was asked, as JSON values."""
    left_out = {"store", "unseen", "dictionary", "reader", "progress"}
    found = {name: value for name, value in given.items() if name not in left_out}
    unseen = given["unseen"]
    names = list(unseen) if isinstance(unseen, dict) else [
        str(getattr(one, "store", one).path) for one in unseen
    ]  # fmt: skip
    probes = given["probes"]
    return found | {
        "unseen": names,
        "probes": None if probes is None else list(probes),
        "without": [int(one) if isinstance(one, int | np.integer) else one
                    for one in given["without"]],
    }  # fmt: skip
