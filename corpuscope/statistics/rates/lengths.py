"""Which documents are of one length, so that length cannot pass for a difference.

Measured with features that fire independently for each token (0.0005 to 0.05 a token) in
texts of lognormal length against their own halves, so that nothing differs but length. Mean
z over features, which should be 0 (spread .4 / .8 of log length):

| strata                                     | 1,000 a side | 20,000 a side |
|---|---|---|
| none                                       | 7.9 / 7.2    | -             |
| 10 pooled quantiles                        | .12 / .16    | .53 / .78     |
| 20 pooled quantiles                        | .04 / .07    | .14 / .28     |
| 10 % wide                                  | .01 / .00    | .13 / .02     |
| 10 % wide, merged to 20 of both groups     | .22 / .07    | .17 / .04     |
| 2/3 n^(-1/4) of log length: the default    | .02 / .01    | .03 / -.02    |

At 20,000 a side the deciles call 9 to 15 % of null features significant at .05, the last line
6 %. Merging strata until both groups are in them brings length back in the tails, so strata
with one group only are left alone, and dropped (and counted) by `stratified`.
"""

import numpy as np

from corpuscope.shapes import PerDocument


def length_strata(lengths: PerDocument, *, ratio: float | None = None) -> PerDocument:
    """A stratum for each document, from 0, of lengths that are nearly equal.

    The longest length in a stratum is less than `ratio` times the shortest. By default the
    logarithm of the ratio is 2/3 n^(-1/4) for n documents (10 % at 2,000): the length
    difference left inside a stratum then stays far below the noise however many documents
    there are, and small corpora keep their overlap.

    Example:
        >>> length_strata(np.array([100, 103, 200, 2, 400, 405]), ratio=1.1)
        array([1, 1, 2, 0, 3, 3])
    """
    n = max(len(lengths), 1)
    width = 2 / 3 * n**-0.25 if ratio is None else float(np.log(ratio))
    # A document without tokens is like no other; -1 keeps it apart from length 1.
    step = np.where(lengths > 0, np.floor(np.log(np.maximum(lengths, 1)) / width), -1)
    return _numbered(step.astype(np.int64))


def length_quantiles(
    lengths: PerDocument, *, n_strata: int = 10, min_documents: int = 20
) -> PerDocument:
    """A stratum for each document, from 0, of about equally many documents.

    Equal lengths stay together, and a stratum of fewer than `min_documents` is merged with
    its neighbour. For description: they leave a length difference inside (see above).

    Example:
        >>> length_quantiles(np.array([1, 2, 2, 9]), n_strata=2, min_documents=1)
        array([0, 0, 0, 1])
    """
    edges = np.quantile(lengths, np.arange(1, n_strata) / n_strata) if len(lengths) else []
    strata = _numbered(np.searchsorted(np.unique(edges), lengths, side="left"))
    return _merge_small(strata, min_documents)


def _merge_small(strata: PerDocument, min_documents: int) -> PerDocument:
    """Fill strata from below until they are large enough; what is left over joins the last."""
    new = np.zeros(int(strata.max(initial=-1)) + 1, dtype=np.int64)
    number, held = 0, 0
    for stratum, n in enumerate(np.bincount(strata)):
        new[stratum] = number
        held += int(n)
        if held >= min_documents:
            number, held = number + 1, 0
    if held and number:
        new[new == number] = number - 1
    merged: PerDocument = new[strata]
    return merged


def _numbered(values: PerDocument) -> PerDocument:
    numbers: PerDocument = np.unique(values, return_inverse=True)[1].astype(np.int64)
    return numbers
