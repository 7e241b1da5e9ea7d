"""Options of commands that ask a language model, or whoever answers in its place."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpuscope.cli.consent import check_consent
from corpuscope.cli.terminal.text import note
from corpuscope.errors import InputError

if TYPE_CHECKING:
    from corpuscope.llm.budget import Estimate
    from corpuscope.llm.client import LLM
    from corpuscope.llm.plan import Plan
    from corpuscope.llm.transport import Transport

_ASK_ABOVE_TOKENS, _ASK_ABOVE_MONEY = 1_000_000, 1.0
_MOST_SHOWN = 6_000


@dataclass(frozen=True)
class LLMOptions:
    """Who is asked, what it may cost, and where answers are kept."""

    llm: Annotated[
        str | None, typer.Option("--llm", help="Language model to ask, as its server names it.")
    ] = None
    llm_url: Annotated[
        str | None,
        typer.Option("--llm-url", help="Address of its server. Default: OPENAI_BASE_URL."),
    ] = None
    llm_batch: Annotated[
        Path | None,
        typer.Option(
            "--llm-batch",
            help="Folder for files of requests, to be answered by a batch service or by anyone.",
        ),
    ] = None
    sheet: Annotated[
        bool,
        typer.Option("--sheet", help="With --llm-batch: also write tables that people fill in."),
    ] = False
    llm_recorded: Annotated[
        Path | None,
        typer.Option("--llm-recorded", help="File of recorded replies to answer from."),
    ] = None
    llm_cache: Annotated[
        Path | None,
        typer.Option("--llm-cache", help="File that keeps replies. Default: in the user's cache."),
    ] = None
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Keep replies in memory only, for this run.")
    ] = False
    budget_tokens: Annotated[
        int | None,
        typer.Option("--budget-tokens", min=1, help="The most tokens, in and out; never exceeded."),
    ] = None
    budget: Annotated[
        float | None, typer.Option("--budget", help="The most money; needs both prices.")
    ] = None
    price_in: Annotated[
        float | None, typer.Option("--price-in", min=0, help="Price of a million tokens read.")
    ] = None
    price_out: Annotated[
        float | None, typer.Option("--price-out", min=0, help="Price of a million tokens written.")
    ] = None
    yes: Annotated[
        bool,
        typer.Option(
            "--yes", help="Do not ask before a large run, or before texts leave this machine."
        ),
    ] = False
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be sent, and send nothing.")
    ] = False

    def open(self) -> "LLM | None":
        """The language model that these options name; None if they name none.

        Raises:
            InputError: They contradict each other.
        """
        ways = {
            "--llm": self.llm, "--llm-batch": self.llm_batch, "--llm-recorded": self.llm_recorded,
        }  # fmt: skip
        given = [name for name, value in ways.items() if value is not None]
        if not given:
            if self.dry_run:
                raise InputError(
                    "--dry-run without a language model",
                    expected="--llm, --llm-batch or --llm-recorded",
                    next_step="name who would be asked",
                )
            return None
        if len(given) > 1 and set(given) != {"--llm", "--llm-batch"}:
            raise InputError(
                f"{' and '.join(given)} together",
                expected="one of them (--llm beside --llm-batch names the model in the files)",
                next_step="leave out all but one",
            )
        if self.no_cache and self.llm_cache is not None:
            raise InputError(
                "--no-cache and --llm-cache together",
                expected="one of them",
                next_step="leave out --no-cache to keep replies in that file",
            )
        if self.sheet and self.llm_batch is None:
            raise InputError(
                "--sheet without --llm-batch",
                expected="the folder in which sheets are written and read",
                next_step="add --llm-batch FOLDER",
            )
        from corpuscope.llm.budget import Budget, Prices
        from corpuscope.llm.cache import ReplyCache, default_cache
        from corpuscope.llm.client import LLM

        if (self.price_in is None) != (self.price_out is None):
            raise InputError(
                "only one of --price-in and --price-out",
                expected="both or neither",
                next_step="give the other as well; 0 if it costs nothing",
            )
        prices = None
        if self.price_in is not None and self.price_out is not None:
            prices = Prices(self.price_in, self.price_out)
        # Answers of a folder or a recording are files already.
        is_kept = given == ["--llm"] and not self.no_cache
        keeps = self.llm_cache or (default_cache() if is_kept else None)
        return LLM(
            self._transport(), ReplyCache(keeps), Budget(self.budget_tokens, self.budget), prices
        )

    def _transport(self) -> "Transport":
        if self.llm_batch is not None:
            from corpuscope.llm.batch_file import BatchFolder

            return BatchFolder(self.llm_batch, self.llm or "any", sheet=self.sheet)
        if self.llm_recorded is not None:
            from corpuscope.llm.recorded import Recorded

            return Recorded(self.llm_recorded)
        from corpuscope.llm.endpoint import Endpoint

        return Endpoint(self.llm or "", self.llm_url)

    def before(self, plan: "Plan", stores: Sequence[Path]) -> None:
        """Say what would be asked and what it costs; stop here for `--dry-run`, or without consent.

        Args:
            plan: What would be asked.
            stores: The stores whose texts it quotes.

        Raises:
            typer.Exit: Nothing is to be sent.
            InputError: A script without `--yes`, and a large run, or a host to which no texts of
                these stores went before.
        """
        note(f"{self._where()}: {in_words(plan.estimate)}")
        if self.dry_run:
            for one in plan.first_requests:
                note(f"\nThe first request to {one.purpose}:")
                for message in one.messages:
                    note(f"[{message['role']}]\n{_shortened(message['content'])}")
            note(f"\nNothing was sent. {plan.n_characters:,} characters would be.")
            raise typer.Exit
        if self.llm is None or self.llm_batch is not None:
            return
        self._check_host(self.llm, stores)
        usage, money = plan.estimate.all.usage, plan.estimate.money
        is_large = usage.n_in + usage.n_out > _ASK_ABOVE_TOKENS or (
            money is not None and money > _ASK_ABOVE_MONEY
        )
        if not is_large or self.yes:
            return
        if not sys.stdin.isatty():
            raise InputError(
                f"this run is large: {in_words(plan.estimate)}",
                expected="consent",
                next_step="add --yes, or read fewer texts with --n",
            )
        if not typer.confirm("Go on?", err=True):
            raise typer.Exit

    def _check_host(self, model: str, stores: Sequence[Path]) -> None:
        from corpuscope.llm.endpoint import Endpoint

        endpoint = Endpoint(model, self.llm_url)
        if not endpoint.is_local:
            check_consent(stores, endpoint.host, yes=self.yes)

    def _where(self) -> str:
        if self.llm_batch is not None:
            return f"Requests go into files in {self.llm_batch}"
        if self.llm_recorded is not None:
            return f"Answers come from {self.llm_recorded}"
        address = self.llm_url or "the address in OPENAI_BASE_URL, or OpenAI"
        return f"Texts go to {self.llm} at {address}"


def in_words(estimate: "Estimate") -> str:
    """An estimate as a line."""
    all_of_it = estimate.all
    tokens = f"{all_of_it.usage.n_in:,} tokens in and {all_of_it.usage.n_out:,} out"
    cached = f", {all_of_it.n_cached:,} more are in the cache" if all_of_it.n_cached else ""
    money = "" if estimate.money is None else f", {estimate.money:,.2f} in money"
    by_purpose = ", ".join(
        f"{one.n_calls:,} to {name}" for name, one in estimate.by_purpose.items() if one.n_calls
    )
    return (
        f"about {all_of_it.n_calls:,} calls ({by_purpose}), {tokens}{money}{cached}"
        if all_of_it.n_calls
        else f"no calls; all {all_of_it.n_cached:,} answers are there"
    )


def _shortened(text: str) -> str:
    if len(text) <= _MOST_SHOWN:
        return text
    half = _MOST_SHOWN // 2
    return f"{text[:half]}\n... {len(text) - 2 * half:,} characters ...\n{text[-half:]}"
