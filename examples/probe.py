"""What predicts a label, and does that hold on held-out texts?

python examples/probe.py answers.scope
"""

import sys

import corpuscope as cs


def main(path: str) -> None:
    store = cs.open_store(path)
    names = ["length", "words", "dense token mean", "sae token max k=16", "sae token max all"]
    found = cs.probe(store, label="model", group="prompt_id", probes=names)
    for warning in found.warnings:
        print("note:", warning)
    print(found.to_frame()[["name", "corpus", "auroc", "lower", "upper"]].to_string())
    few = found.named("sae token max k=16")
    for feature in few.features[:3]:
        print(f"\n{feature.label} (feature {feature.feature}): {feature.weight:+.2f}")
        for shown in found.evidence(feature.feature)[:2]:
            print("  ", shown.side, [shown.text[start:end] for start, end in shown.spans])

    without = [feature.feature for feature in few.features[:3]]
    again = cs.probe(store, label="model", group="prompt_id", probes=names[3:4], without=without)
    print(again.to_frame()[["name", "corpus", "auroc"]].to_string())
    found.plot().figure.savefig("probe.png", dpi=150, bbox_inches="tight")


if __name__ == "__main__":
    main(sys.argv[1])
