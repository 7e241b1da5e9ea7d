"""What predicts a label, and does it transfer to unseen corpora?

1. Documents are grouped, and groups are never split: near-duplicates, and the values of `group`.
2. A quarter of the groups is held out as the test set. All choices (penalties, features) are made
   by cross-validation on the rest.
3. Probes of states, features, reconstructions and reconstruction errors, and three baselines, are
   trained and tested on the same documents.
4. The same probes are evaluated on unseen corpora; what counts is the drop from the test set.

Rationale and expected results: `docs/probe.md`.
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
    "label", "target", "group", "probes", "without", "test", "folds", "evidence", "rename",
    "seed", "unseen",
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
    """Which probes predict a label, and how far they drop on unseen corpora.

    Args:
        store: What probes are trained and tested on. Several stores of one dictionary are
            pooled.
        label: The column of the labels: classes, or numbers.
        unseen: Stores for evaluation only, of the same dictionary, optionally by name. Use
            `Unseen` where one has its labels in another column or is all of one class.
        target: The positive class, of two; by default the second.
        group: Documents with the same value here stay on one side of every split, as
            near-duplicates do (grouped cross-validation).
        probes: Names of probes, such as `sae token max k=16`; by default some twenty-six.
        without: Features to exclude: SAE probes are also retrained without them, and both
            versions are returned.
        dictionary: The stores' dictionary: an object, its folder, or "builtin".
        reader: The language model; by default the one that the dictionary names.
        progress: Callback for progress; True draws a bar on standard error.
        settings: How probes are fitted and evaluated, such as `ProbeSettings(folds=3)`.

    Cost: one more pass of the reader over the texts, and a search for near-duplicates; both are
    cached with the stores. Then some twenty seconds for 10,000 documents on one core.

    Raises:
        ColumnNotFound: There is no such column.
        GroupNotFound: There is no class `target`.
        NotEnoughData: There is only one class, or a class has too few groups.
        FeatureMismatch: A store was read with another dictionary.
        ReaderError: The reader cannot be loaded.
        InputError: A number is out of range, or there is no such probe or feature.

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
    # Training and evaluation.
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
        # Stores' warnings are read last: opening their caches above may add to them.
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
    """The unit (token or sentence) of each part of the store's dictionary."""
    parts = (store.provenance.get("dictionary") or {}).get("parts", ())
    return [part["unit"] for part in parts]


def _names_of(unseen: UnseenStores) -> list[str]:
    """The names of unseen corpora as given, or their folders."""
    if isinstance(unseen, Mapping):
        return list(unseen)
    return [str(one.store.path if isinstance(one, Unseen) else one.path) for one in unseen]


def _learn_all(learner: Learner, excluded: frozenset[int]) -> tuple[list[FittedProbe], list[str]]:
    """Every probe, and again those that use an excluded feature, now without it."""
    learned, touched = [], False
    for spec in learner.specs:
        one = learner.learn(spec)
        learned.append(one)
        if excluded & set(one.features.tolist()):
            touched = True
            learned.append(learner.learn(spec, excluded))
    remarks = [
        f"{one.spec.name} did not converge; its scores may still change"
        for one in learned
        if not one.is_converged
    ]
    if excluded and not touched:
        remarks.append("no probe uses an excluded feature")
    return learned, remarks


def _scores_of(
    one: FittedProbe,
    evaluated_on: Sequence[tuple[DesignMatrices, EvaluatedDocuments]],
    aim: Target,
    training_set: TrainingSet,
) -> list[Scored]:
    """Scores on every corpus: train, test, then the unseen ones."""
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
    excluded = f" ({len(one.without)} excluded)" if one.without else ""
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
            f"{wrong} among the features to exclude",
            expected=f"feature indices, 0 to {store.n_features - 1}",
            next_step="take the indices from the features of a probe",
        )
    return frozenset(int(one) for one in without)


def _check_numbers(settings: ProbeSettings) -> None:
    test, folds, evidence = settings.test, settings.folds, settings.evidence
    if not 0 < test < 1 or folds < 2 or evidence < 0:
        raise InputError(
            f"test is {test}, folds is {folds}, evidence is {evidence}",
            expected="test between 0 and 1, 2 folds or more, evidence 0 or more",
            next_step="leave them out to use the defaults",
        )
