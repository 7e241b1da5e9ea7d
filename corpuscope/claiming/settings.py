"""Settings of `claims`."""

from dataclasses import dataclass, field

from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.errors import InputError

_MOST_PER_CALL = 10


@dataclass(frozen=True, kw_only=True)
class ClaimSettings:
    """How findings become claims, and how claims are verified.

    Attributes:
        n: Pairs to read, or documents of each group; 200 give intervals of about ten points
            either way.
        max_claims: The most claims that may be stated.
        max_findings: The most findings that whoever states them is shown.
        read_pairs: Pairs that are read to state claims from as well, beside the findings, at most
            `max_claims` of them; none by default.
        per_call: Statements that the judge is asked about at once.
        n_planted: Texts with a planted sentence, by which the judge's error is measured.
        checks: Whether to read a few texts again, alone, against negations and against
            statements about other matters.
        verify: Whether to verify; else claims are only stated.
        reads: Whether claims are stated by the language model; else they are the findings' labels
            in a fixed sentence.
        prompt: The column with the request that texts answer, shown to the judge beside them.
        smallest: The smallest difference of interest, in (0, 1): what surely lies below is refuted.
        alpha: The chance that a run calls anything true that is not.
        max_characters: Longer documents are left out, and counted; none is cut.
        comparison: Settings of the comparison that finds what differs.
        seed: Random seed of what is set aside, shown and planted.
    """

    n: int = 200
    max_claims: int = 10
    max_findings: int = 60
    read_pairs: int = 0
    per_call: int = 5
    n_planted: int = 60
    checks: bool = True
    verify: bool = True
    reads: bool = True
    prompt: str | None = None
    smallest: float = 0.05
    alpha: float = 0.05
    max_characters: int = 24_000
    comparison: ComparisonSettings = field(default_factory=ComparisonSettings)
    seed: int = 0

    def check(self) -> None:
        """Raise InputError unless all numbers are in range."""
        for name, least, most in (
            ("n", 10, None),
            ("max_claims", 1, 20),
            ("max_findings", 1, 100),
            ("read_pairs", 0, None),
            ("per_call", 1, _MOST_PER_CALL),
            ("n_planted", 0, None),
            ("max_characters", 1, None),
        ):
            value = getattr(self, name)
            if value < least or (most is not None and value > most):
                upper = "" if most is None else f" and at most {most}"
                raise InputError(
                    f"{name} is {value}", expected=f"at least {least}{upper}",
                    next_step="choose a number in that range",
                )  # fmt: skip
        for name in ("smallest", "alpha"):
            if not 0 < getattr(self, name) < 1:
                raise InputError(
                    f"{name} is {getattr(self, name)}", expected="a number between 0 and 1",
                    next_step="give a share, such as 0.05",
                )  # fmt: skip
