"""Prints the result of `label`."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from corpuscope.cli.render.dictionaries import columns_of, fill, head_of
from corpuscope.cli.terminal.bill import bill_in_words
from corpuscope.cli.terminal.text import add_numbers, new_table, print_json, print_table, visible

if TYPE_CHECKING:
    import pandas as pd

    from corpuscope.labels.foreign.attach import AttachedLabels
    from corpuscope.llm.budget import Receipt
    from corpuscope.training.label import NameScores

_N_SHOWN = 10


def show(
    found: Mapping[Any, "NameScores"],
    *,
    dictionary: str,
    parameters: Mapping[str, object],
    as_json: bool,
) -> None:
    """Print the label scores of a dictionary."""
    if as_json:
        scores = {unit: one.to_json() for unit, one in found.items()}
        print_json(head_of("label", dictionary, parameters, ()) | {"scores": scores})
        return
    rows = (
        ("live features with a label", "named_share", "{:.1%}"),
        ("features with a score", "n_scored", "{:,}"),
        ("mean label score (chance: .091)", "uniform", "{:.3f}"),
        ("weighted by density", "weighted", "{:.3f}"),
        ("firings of features without a score", "left_out", "{:.1%}"),
    )
    columns = {f"{unit}s": one for unit, one in found.items()}
    table = columns_of(columns)
    fill(table, rows, columns)
    console = Console(highlight=False)
    console.print(Text(dictionary, style="bold"))
    console.print(table)


def show_attached(found: "AttachedLabels", *, what: str, as_json: bool) -> None:
    """Print how many labels of others were attached, and some of those shown."""
    told = found.to_json()
    if as_json:
        print_json({"analysis": "label", "attached_to": what} | told)
        return
    console = Console(highlight=False)
    share = found.shown["feature"].nunique() / max(found.n_features, 1)
    head = Text(f"{told['n_shown']:,} of {found.n_features:,} features ({share:.0%})", "bold")
    named = ", ".join(f"{source} {n:,}" for source, n in told["sources"].items())
    console.print(head + Text(f" of {what} have a label now: {named}", "not bold"))
    if found.sae_id:
        console.print(Text(f"Labels of {found.sae_id}.", style="dim"))
    table = new_table()
    add_numbers(table, "feature")
    table.add_column("label", max_width=60)
    table.add_column("source")
    add_numbers(table, "score")
    table.add_column("score of")
    for _, row in found.shown.sort_values("feature").head(_N_SHOWN).iterrows():
        score = None if row["score"] != row["score"] else float(row["score"])
        table.add_row(
            Text(str(row["feature"]), style="dim"), visible(row["label"]), visible(row["source"]),
            _share(score), _text(row["score_kind"]),
        )  # fmt: skip
    print_table(console, table)
    if found.trials is not None:
        _print_trials(console, found.trials)
    n_others = told["n_labels"] - told["n_shown"]
    if n_others:
        console.print(Text(f"{n_others:,} other labels of these features are kept.", style="dim"))
    for status in ("empty", "unparsed"):
        if n := found.counts.get(status, 0):
            console.print(Text(f"Without a label, for it is {status}: {n:,}.", style="dim"))
    for one in found.warnings:
        console.print(Text(one, style="yellow"))


def _print_trials(console: Console, trials: "pd.DataFrame") -> None:
    """Print how labels did on the store's texts, beside names from words."""
    is_read = "is_supported" not in trials
    console.print(Text("\nTested on these texts", style="bold"))
    table = new_table()
    add_numbers(table, "feature")
    table.add_column("label", max_width=44)
    table.add_column("name from words", max_width=40)
    add_numbers(table, "trials", "label", "words", *([] if is_read else ["other labels"]))
    for row in trials.to_dict("records"):
        is_weak = not is_read and row["kind"] != "sentence"
        mark = "" if is_read or not row["is_supported"] else " ✓"
        table.add_row(
            Text(str(row["feature"]), style="dim"),
            Text(visible(row["label"]), "dim" if row["is_worse"] else ""),
            Text(
                _text(row["words"]) or "-",
                "" if row["is_worse"] else "dim",
            ),
            str(row["n_trials"]),
            Text(_share(_number(row["score"])) + mark, "dim" if is_weak else ""),
            _share(_number(row["words_score"])),
            *([] if is_read else [_share(_number(row["score_of_others"]))]),
        )
    print_table(console, table)
    chance = ".20" if is_read else ".09"
    console.print(Text(f"Share of trials won; chance {chance}. Names from words that do clearly "
                       "better are shown in place of a label.", style="dim"))  # fmt: skip
    if not is_read:
        console.print(Text(
            "Trials by embedding; ✓: better than chance and than labels of other features. Those "
            "of tokens (dim) only ever support a label: --llm tests these, too.", style="dim",
        ))  # fmt: skip


def _text(value: Any) -> str:
    """A text of a table, which has NaN where there is none."""
    return visible(value) if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def show_written(table: "pd.DataFrame", *, store: Path, receipt: "Receipt", as_json: bool) -> None:
    """Print names by reading beside names from words, which are shown where they do better."""
    rows = [
        {name: _plain(value) for name, value in row.items()} for row in table.to_dict("records")
    ]
    if as_json:
        print_json({"analysis": "label", "store": str(store), "labels": rows,
                    "receipt": receipt.to_json()})  # fmt: skip
        return
    console = Console(highlight=False)
    n = sum(row["label_source"] not in ("words", None) for row in rows)
    head = Text(f"{n} of {len(rows)} features named by reading", style="bold")
    console.print(head + Text("; names from words tell the others better", style="not bold"))
    shown = new_table()
    add_numbers(shown, "feature")
    shown.add_column("name by reading", max_width=44)
    shown.add_column("name from words", max_width=40)
    is_detected = "detection" in table
    add_numbers(shown, "trials", "reading", "words", *(["detection"] if is_detected else []))
    for row in rows:
        is_read = row["label_source"] not in ("words", None)
        written = Text(visible(row["written"] or f"({row['status']})"), "" if is_read else "dim")
        words = Text(
            _text(row["words"]) or "-",
            "dim" if is_read else "",
        )
        shown.add_row(
            Text(str(row["feature"]), style="dim"), written, words, str(row["n_trials"]),
            _share(row["written_score"]), _share(row["words_score"]),
            *([_detection(row)] if is_detected else []),
        )  # fmt: skip
    print_table(console, shown)
    console.print(Text("Trials: the place with the feature among five; chance .20.", style="dim"))
    if is_detected:
        console.print(Text(
            "Detection: balanced accuracy place by place, with its 95 % interval; chance .50; ✓ "
            "where the label of another feature does clearly worse.", style="dim",
        ))  # fmt: skip
    console.print(Text(bill_in_words(receipt), style="dim"))


def _detection(row: Mapping[Any, Any]) -> str:
    if row["detection"] is None:
        return "-"
    low, high = _share(row["detection_low"]), _share(row["detection_high"])
    return f"{_share(row['detection'])} ({low}-{high}){' ✓' if row['is_trusted'] else ''}"


def _plain(value: Any) -> Any:
    if value != value:
        return None
    return value.item() if hasattr(value, "item") else value


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
