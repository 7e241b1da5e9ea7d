"""Consent before texts of a store leave this machine: asked once for each store and host."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

from corpuscope.errors import InputError

__all__ = ["check_consent", "consents_file"]


def consents_file() -> Path:
    """Where consents are remembered: beside the user's cache of replies. It holds no texts."""
    from corpuscope.llm.cache import default_cache

    return default_cache().with_name("consents.json")


def check_consent(stores: Sequence[Path], host: str, *, yes: bool) -> None:
    """Ask whether texts of these stores may go to a host, unless that was agreed to earlier.

    A store is known by its content, not by its path. An agreement given in advance (`yes`) is for
    this run alone.

    Raises:
        InputError: A script without `--yes`.
        typer.Exit: The user does not agree.
    """
    from corpuscope.store.store import open_store

    digests = {open_store(path).digest: path for path in stores}
    agreed = _agreed()
    fresh = {one: path for one, path in digests.items() if one not in agreed.get(host, ())}
    if not fresh or yes:
        return
    named = ", ".join(map(str, fresh.values()))
    # Some commands send names alone, but the agreement is for all.
    what = f"texts of {named}, or names made of their words, will leave this machine for {host}"
    if not sys.stdin.isatty():
        raise InputError(
            what,
            expected="consent, which a terminal asks for once",
            next_step="add --yes, or name a server on this machine with --llm-url",
        )
    if not typer.confirm(f"{what}. Go on?", err=True):
        raise typer.Exit
    _remember({**agreed, host: sorted({*agreed.get(host, ()), *fresh})})


def _agreed() -> dict[str, list[str]]:
    """The digests of stores by host; none where the file cannot be read, so that one is asked."""
    try:
        found = json.loads(consents_file().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _remember(agreed: Mapping[str, Sequence[str]]) -> None:
    from corpuscope.durable import write_durably

    path = consents_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, memoryview(json.dumps(agreed, indent=1, sort_keys=True).encode("utf-8")))
