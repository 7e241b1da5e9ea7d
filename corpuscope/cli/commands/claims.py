"""`corpuscope claims`."""

from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli.llm_options import LLMOptions
from corpuscope.cli.options import CountCopies, Group, MinSupport, Output, Pair, Seed
from corpuscope.cli.render import claims as render
from corpuscope.cli.terminal.progress import answers_progress


def claims(
    store: Annotated[
        list[Path], typer.Argument(help="A store; several are compared with each other.")
    ],
    llm: LLMOptions,
    output: Output,
    by: Annotated[str | None, typer.Option(help="Column whose values are the groups.")] = None,
    target: Annotated[str | None, typer.Option(help="The target group.")] = None,
    reference: Annotated[
        list[str] | None, typer.Option(help="A reference group; repeatable. Default: all others.")
    ] = None,
    pair: Pair = None,
    group: Group = None,
    over_time: Annotated[
        bool,
        typer.Option(
            "--over-time", help="Compare the later half of a column of times with the earlier one."
        ),
    ] = False,
    prompt: Annotated[
        str | None,
        typer.Option(help="Column with the request that a text answers, shown to the judge."),
    ] = None,
    n: Annotated[
        int, typer.Option("--n", min=10, help="Pairs to read, or texts of each group.")
    ] = 200,
    max_claims: Annotated[int, typer.Option(min=1, max=20, help="The most claims.")] = 10,
    read_pairs: Annotated[
        int,
        typer.Option(
            min=0, help="Pairs to read for claims as well, beside the findings; needs --pair."
        ),
    ] = 0,
    per_call: Annotated[
        int, typer.Option(min=1, max=10, help="Claims that the judge is asked about at once.")
    ] = 5,
    planted: Annotated[
        int, typer.Option(min=0, help="Texts with a planted sentence, to measure the judge.")
    ] = 60,
    checks: Annotated[
        bool, typer.Option(help="Also ask again, alone, negated and about other matters.")
    ] = True,
    verify: Annotated[bool, typer.Option(help="Read texts; else claims are only stated.")] = True,
    words: Annotated[
        bool, typer.Option("--words", help="State claims in the words of labels, without asking.")
    ] = False,
    count_copies: CountCopies = False,
    min_support: MinSupport = 10,
    seed: Seed = 0,
) -> None:
    """What can be said of the difference between groups, tested by reading texts blind?"""
    import corpuscope as cs

    settings = cs.ClaimSettings(
        n=n, max_claims=max_claims, read_pairs=read_pairs, per_call=per_call, n_planted=planted,
        checks=checks, verify=verify, reads=not words, prompt=prompt, seed=seed,
        comparison=cs.ComparisonSettings(
            count_copies=count_copies, min_support=min_support, seed=seed
        ),
    )  # fmt: skip
    settings.check()
    early.check_stores(
        store, columns=[pair, group, prompt], by=by, groups=[target, *(reference or [])]
    )
    asked = llm.open()
    with answers_progress() as progress:
        found = cs.claims(
            [cs.open_store(path) for path in store], by=by, target=target,
            reference=reference or None, pair=pair, group=group, over_time=over_time, llm=asked,
            settings=settings, before=lambda plan: llm.before(plan, store),
            progress=progress,
        )  # fmt: skip
    output.deliver(found, render.show)
