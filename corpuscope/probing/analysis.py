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
from dataclasses import asdict
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from corpuscope.analyses.results.base import in_order
from corpuscope.analyses.results.naming import Names
from corpuscope.errors import InputError
from corpuscope.labels.named_store import NamedStore
from corpuscope.probing.documents.labelled_documents import SplitSettings, labelled_documents
from corpuscope.probing.documents.targets import (
    Target,
    column_or_constant,
    find_target,
    sides_of,
)
from corpuscope.probing.documents.unseen import Unseen, UnseenStores, named_unseen, unseen_documents
from corpuscope.probing.finding import Probe
from corpuscope.probing.learner import FittedProbe, Learner
from corpuscope.probing.matrices.design_matrices import DesignMatrices, design_matrices_of
from corpuscope.probing.metrics import (
    EvaluatedDocuments,
    Scored,
    best_of,
    scored,
    training_threshold,
)
from corpuscope.probing.models.cross_validation import TrainingSet
from corpuscope.probing.probe_names import specs_of
from corpuscope.probing.result import ProbeResult
from corpuscope.probing.settings import ProbeSettings
from corpuscope.probing.top_features import listed_features
from corpuscope.store.joined import Stores
from corpuscope.store.store import Store

if TYPE_CHECKING:
    from corpuscope.extraction.progress import Report
    from corpuscope.reader.language_model import LanguageModel
    from corpuscope.sae.dictionary import Dictionary

_PARAMETERS = (
    "label", "unseen", "target", "group", "probes", "without", "test", "folds", "evidence",
    "rename", "seed",
)  # fmt: skip


def probe(
    store: Stores,
    *,
    label: str,
    unseen: UnseenStores = (),
    target: str | None = None,
    group: str | None = None,
    probes: Iterable[str] | None = None,
    without: Sequence[int] = (),
    dictionary: "str | Path | Dictionary" = "builtin",
    reader: "LanguageModel | None" = None,
    progress: "Report | bool | None" = None,
    settings: ProbeSettings | None = None,
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
        dictionary: That of the stores: itself, its folder, or "builtin".
        reader: The language model; by default the one that the dictionary names.
        progress: Is told how far reading has come; True draws a bar on standard error.
        settings: How probes are fitted and judged, such as `ProbeSettings(folds=3)`.

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
    settings = settings or ProbeSettings()
    _check_numbers(settings)
    source = NamedStore(store)
    joined = source.as_one
    excluded = _excluded(joined, without)
    others = named_unseen(unseen, joined)
    # Documents.
    values = column_or_constant(joined, label, None)
    aim = find_target(values, label=label, target=target)
    labels = aim.labels(values, where=joined.path.name)
    division = SplitSettings(group, settings.test, settings.folds, settings.seed)
    documents = labelled_documents(joined, aim, labels, division)
    known = [
        unseen_documents(one, name=name, label=label, group=group, aim=aim, documents=documents)
        for name, one in others.items()
    ]
    # Matrices.
    specs = specs_of(probes, _units(joined))
    open_matrices = partial(
        design_matrices_of, specs=specs, dictionary=dictionary, reader=reader, progress=progress
    )
    matrices = open_matrices(joined)
    evaluated_on = [(matrices, own) for own in documents.evaluated]
    for one, (own, _) in zip(others.values(), known, strict=True):
        evaluated_on.append((open_matrices(one.store), own))
    # Fits, and how good they are.
    learner = Learner(matrices, documents.train, documents.training_set(aim), specs, settings.seed)
    learned, remarks = _learn_all(learner, excluded)
    results = [_scores_of(one, evaluated_on, aim, learner.training_set) for one in learned]
    full = [i for i, one in enumerate(learned) if not one.without]
    asked = {
        "label": label, "unseen": _names_of(unseen), "target": target, "group": group,
        "probes": None if probes is None else list(probes),
        "without": [int(one) if isinstance(one, int | np.integer) else one for one in without],
    }  # fmt: skip
    return ProbeResult(
        every=tuple(
            _probe_of(one, own, aim, learner, source)
            for one, own in zip(learned, results, strict=True)
        ),
        label=label,
        classes=aim.classes,
        best=best_of(
            [learned[i].spec.name for i in full],
            [learned[i].spec.uses_sae for i in full],
            [learned[i].validation for i in full],
            [results[i] for i in full],
        ),
        parameters=in_order(_PARAMETERS, asked, asdict(settings)),
        store=str(joined.path),
        digest=joined.digest,
        n_documents=len(documents.labels.rows),
        # What the stores warn of comes last to be asked: caches are opened until here.
        warnings=(
            *source.warnings,
            *_warnings_of(others),
            *documents.labels.warnings,
            *(remark for _, some in known for remark in some),
            *remarks,
        ),
        names=Names(source, documents.mask(joined.n_documents), here=settings.rename),
        source=source,
        sides=sides_of(values, documents.labels, aim),
        n_evidence=settings.evidence,
    )


def _warnings_of(others: Mapping[str, Unseen]) -> list[str]:
    return [warning for one in others.values() for warning in one.store.warnings]


def _units(store: Store) -> list[str]:
    """Of what the parts of the store's dictionary are."""
    parts = (store.provenance.get("dictionary") or {}).get("parts", ())
    return [part["unit"] for part in parts]


def _names_of(unseen: UnseenStores) -> list[str]:
    """The names of unseen corpora as they were given, or their folders."""
    if isinstance(unseen, Mapping):
        return list(unseen)
    return [str(one.store.path if isinstance(one, Unseen) else one.path) for one in unseen]


def _learn_all(learner: Learner, excluded: frozenset[int]) -> tuple[list[FittedProbe], list[str]]:
    """Every probe, and those again that looked at a feature that is struck out."""
    learned, touched = [], False
    for spec in learner.specs:
        one = learner.learn(spec)
        learned.append(one)
        if excluded & set(one.features.tolist()):
            touched = True
            learned.append(learner.learn(spec, excluded))
    remarks = [
        f"{one.spec.name} did not come to its end; its figures may still move"
        for one in learned
        if not one.is_converged
    ]
    if excluded and not touched:
        remarks.append("no probe looks at a feature that was struck out")
    return learned, remarks


def _scores_of(
    one: FittedProbe,
    evaluated_on: Sequence[tuple[DesignMatrices, EvaluatedDocuments]],
    aim: Target,
    training_set: TrainingSet,
) -> list[Scored]:
    """The probe on every corpus: train, test, then the unseen ones."""
    is_number = aim.kind == "number"
    threshold = None if is_number else training_threshold(one.out_of_fold, training_set.targets)
    found: list[Scored] = []
    for matrices, corpora in groupby(evaluated_on, key=itemgetter(0)):
        every = [documents for _, documents in corpora]
        scores = one.scores(matrices, np.concatenate([documents.rows for documents in every]))
        ends = np.cumsum([len(documents.rows) for documents in every])
        for documents, own in zip(every, np.split(scores, ends[:-1]), strict=True):
            test = found[1] if len(found) > 1 else None
            found.append(
                scored(own, documents, threshold=threshold, is_number=is_number, test=test)
            )
    return found


def _probe_of(
    one: FittedProbe, found: Sequence[Scored], aim: Target, learner: Learner, source: NamedStore
) -> Probe:
    excluded = f" ({len(one.without)} struck out)" if one.without else ""
    return Probe(
        name=one.spec.name + excluded,
        kind=one.spec.kind,
        uses_sae=one.spec.uses_sae,
        n_features=one.n_features,
        without=tuple(sorted(one.without)),
        penalty=one.penalty,
        validation=one.validation,
        features=listed_features(one, aim, learner, source),
        evaluations=tuple(own.evaluation for own in found),
    )


def _excluded(store: Store, without: Sequence[int]) -> frozenset[int]:
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


def _check_numbers(settings: ProbeSettings) -> None:
    test, folds, evidence = settings.test, settings.folds, settings.evidence
    if not 0 < test < 1 or folds < 2 or evidence < 0:
        raise InputError(
            f"test is {test}, folds is {folds}, evidence is {evidence}",
            expected="test between 0 and 1, 2 folds or more, evidence 0 or more",
            next_step="leave them out for the usual ones",
        )
