"""Dictionaries that are loaded wrongly on purpose: does `check` name what is wrong?

    python -m benchmarks.wrong_loads

Small dictionaries are trained on the spot on states of the built-in reader, on three quarters of
the demo's answers, and checked on the others. Each is loaded rightly, where nothing may be named,
and with one mistake at a time, which should be named.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import torch

import corpuscope as cs
from benchmarks.peers import batches_of
from benchmarks.results import record, table
from corpuscope.corpus.corpus import Corpus
from corpuscope.reader.language_model import LanguageModel
from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.read import ReadingPlan, read_documents
from corpuscope.sae.config import Moments, Recipe
from corpuscope.sae.dictionary import Dictionary, Part
from corpuscope.sae.firing import Relu, Threshold
from corpuscope.sae.foreign.draft import LAYER_NORM, ROOT_MEAN_SQUARE
from corpuscope.sae.model import SAE
from corpuscope.sae.objectives import objective_named
from corpuscope.sae.token_norm import TokenNorm
from corpuscope.sae.train import Trainer
from corpuscope.sites import Place, Site, Tap
from corpuscope.training.check import CheckResult, check

LAYER, N_FEATURES, K, N_STEPS, N_UNITS = 3, 768, 16, 400, 3_000
SHARE = 0.75


@dataclass(frozen=True)
class Load:
    """A dictionary as it is loaded.

    Attributes:
        name: What is wrong with it, or right.
        mistakes: What may be named, in the words of `check`; none if it is right.
        dictionary: As it is loaded.
        reader: With which reader, if not the usual one.
    """

    name: str
    mistakes: tuple[str, ...]
    dictionary: Dictionary
    reader: LanguageModel | None = None


def made(sae: SAE, *, layer: int = LAYER, site: Site = "residual", **changed: Any) -> Dictionary:
    """A dictionary of the built-in reader, of passages."""
    n = sae.n_features
    features = pa.table({"feature": pa.array(range(n), pa.int32()), "kind": ["token"] * n})
    return replace(
        Dictionary(
            "sentence-transformers/all-MiniLM-L6-v2", "any", "passage", 128,
            MaskPolicy().to_config(), (Part("token", (layer,), sae, site),), features,
            about={"expected_l0": float(K)},
        ),
        **changed,
    )  # fmt: skip


def halves() -> tuple[Corpus, Corpus]:
    """Answers to train on, and answers to check on."""
    documents = list(cs.demo_corpus())
    n = round(SHARE * len(documents))
    rows = [{"id": one.id, "text": one.text} for one in documents]
    return cs.read_corpus(rows[:n]), cs.read_corpus(rows[n:])


def states_of(lm: LanguageModel, corpus: Corpus, place: Place) -> torch.Tensor:
    """The states of all counted tokens."""
    plan = ReadingPlan(token_layers=(place,), context="passage", max_tokens=128)
    read = read_documents(list(corpus), lm, plan)
    return torch.cat([one.tokens.states[place].float() for one in read])


def learned(
    states: torch.Tensor, name: str = "batch-top-k", *, n: int = N_FEATURES,
    norm: TokenNorm | None = None,
) -> SAE:  # fmt: skip
    """A dictionary of these states."""
    taken = norm.applied(states) if norm else states
    recipe = Recipe(n, objective_named(name, n_features=n, k=K), N_STEPS, 512)
    trainer = Trainer(recipe, Moments.of(taken))
    batches = batches_of(taken, seed=0, size=512)
    for _ in range(N_STEPS):
        trainer.learn(next(batches))
    # In units of the states: most releases fold the scale.
    return replace(trainer.finished().in_scale(1.0), token_norm=norm)


def loads(lm: LanguageModel, corpus: Corpus) -> Iterator[Load]:
    """Right and wrong loads."""
    states = states_of(lm, corpus, LAYER)
    sae = learned(states)
    moved = (sae.encoder.double() @ sae.decoder_bias.double()).float()
    assert isinstance(sae.firing, Threshold)
    yield Load("right: thresholds", (), made(sae))
    yield Load("the layer after", ("wrong layer",), made(sae, layer=LAYER + 1))
    yield Load("the layer before", ("wrong layer",), made(sae, layer=LAYER - 1))
    yield Load(
        "decoder bias subtracted, and should not be", ("decoder bias subtracted",),
        made(replace(sae, encoder_bias=sae.encoder_bias - moved)),
    )  # fmt: skip
    yield Load(
        "decoder bias not subtracted, and should be", ("decoder bias not subtracted",),
        made(replace(sae, encoder_bias=sae.encoder_bias + moved)),
    )  # fmt: skip
    yield Load(
        "decoder bias lost", ("decoder bias missing", "decoder bias subtracted"),
        made(replace(sae, decoder_bias=torch.zeros_like(sae.decoder_bias))),
    )  # fmt: skip
    yield Load(
        "reconstructions three times too long", ("output scale",),
        made(replace(sae, decoder=3 * sae.decoder)),
    )  # fmt: skip
    yield from _scaled(sae, states)
    yield from _with_norms_in_the_gate(sae)
    yield Load("the first token left out", ("first token missing",), made(sae, prepends_bos=False))
    half = cs.load_reader(dtype=torch.float16, device="cpu")
    large = replace(
        sae, encoder=3e4 * sae.encoder, encoder_bias=3e4 * sae.encoder_bias,
        decoder=sae.decoder / 3e4, firing=Threshold(3e4 * sae.firing.theta),
    )  # fmt: skip
    yield Load("right: large numbers, in float32", (), made(large))
    yield Load("large numbers, in float16", ("overflow",), made(large), half)
    top_k = learned(states, "top-k")
    yield Load("right: TopK", (), made(top_k))
    yield Load("TopK as ReLU", ("firing rule",), made(replace(top_k, firing=Relu())))
    yield from _normalised(states)
    square = learned(states, "top-k", n=sae.width)
    yield Load("right: square", (), made(square))
    for what in ("encoder", "decoder"):
        turned = replace(square, **{what: getattr(square, what).T.contiguous()})  # type: ignore[arg-type]
        yield Load(f"{what} transposed", (f"{what} transposed",), made(turned))
    middle = learned(states_of(lm, corpus, Tap(LAYER, "residual-mid")))
    yield Load("right: between attention and MLP", (), made(middle, site="residual-mid"))
    yield Load("after the block, not within it", ("wrong site",), made(middle))


def _scaled(sae: SAE, states: torch.Tensor) -> Iterator[Load]:
    usual = float(sae.width**0.5 / states.norm(dim=1).mean())
    scaled = sae.in_scale(usual)
    yield Load("right: scaled states", (), made(scaled))
    yield Load("scale missing", ("input scale missing",), made(replace(scaled, input_scale=1.0)))
    inverted = made(replace(scaled, input_scale=1 / usual))
    yield Load("scale inverted", ("input scale inverted", "input scale missing"), inverted)


def _with_norms_in_the_gate(sae: SAE) -> Iterator[Load]:
    g = torch.Generator().manual_seed(0)
    lengths = torch.exp(torch.randn(sae.n_features, generator=g))
    assert isinstance(sae.firing, Threshold)
    other = replace(
        sae, encoder=sae.encoder / lengths[:, None], encoder_bias=sae.encoder_bias / lengths,
        decoder=sae.decoder * lengths[:, None], firing=Threshold(sae.firing.theta / lengths),
    )  # fmt: skip
    yield Load("right: decoder rows of other lengths", (), made(other))
    wrong = replace(other, firing=sae.firing)
    yield Load("decoder norms left in thresholds", ("decoder norms in thresholds",), made(wrong))


def _normalised(states: torch.Tensor) -> Iterator[Load]:
    for name, norm in (("layer norm", LAYER_NORM), ("root mean square", ROOT_MEAN_SQUARE)):
        sae = learned(states, norm=norm)
        yield Load(f"right: {name}", (), made(sae))
        # Where states are centred already, the two norms are one.
        wrong = made(replace(sae, token_norm=None))
        fitting = tuple(f"{one} missing" for one in ("layer norm", "root mean square"))
        yield Load(f"{name} left out", (*fitting, "input scale missing"), wrong)


def shown(load: Load, found: CheckResult) -> list[object]:
    """A line of the table."""
    likely, measures = found.diagnosis.likely, found.loaded
    named = likely.mistake if likely else ""
    if not named and any("overflow" in reason for reason in found.diagnosis.reasons):
        named = "overflow"
    is_right = named in load.mistakes if load.mistakes else not named
    return [
        load.name,
        "" if measures is None else f"{measures.l0:.1f}",
        "" if measures is None else f"{measures.unexplained_variance:.2f}",
        found.diagnosis.status,
        named,
        "yes" if is_right else "NO",
    ]


def main() -> None:
    """Record the table."""
    lm = cs.load_reader(dtype=torch.float32, device="cpu")
    training, held_out = halves()
    lines = []
    for load in loads(lm, training):
        lines.append(
            shown(
                load, check(load.dictionary, held_out, reader=load.reader or lm, max_units=N_UNITS)
            )
        )
        print(*lines[-1], sep=" | ", flush=True)
    wrong = [line for line in lines if not str(line[0]).startswith("right")]
    right = [line for line in lines if str(line[0]).startswith("right")]
    head = (
        f"Dictionaries of {N_FEATURES:,} features, {K} active, of states of the built-in reader "
        f"after layer {LAYER}. Wrong loads named: {sum(one[-1] == 'yes' for one in wrong)} of "
        f"{len(wrong)}. Right loads accused: {sum(one[-1] != 'yes' for one in right)} of "
        f"{len(right)}."
    )
    columns = ["load", "L0", "unexplained", "status", "named", "as it should"]
    record("Wrong loads of dictionaries", [head, "", *table(columns, lines)])


if __name__ == "__main__":
    main()
