"""Which properties of the answers co-occur?

    python examples/correlate.py answers.scope

The store holds answers of two models to the same prompts, with columns `model` and `prompt_id`.
"""

import sys

import corpuscope as cs


def main(path: str) -> None:
    store = cs.open_store(path)
    found = cs.correlate(store, one_per="prompt_id", settings=cs.CorrelateSettings(min_support=5))
    for warning in found.warnings:
        print("note:", warning)
    print(found.to_frame()[["label_a", "label_b", "rate_both", "npmi", "unexpected"]].to_string())
    for i, finding in enumerate(found.findings[:3]):
        print(f"\n{finding.label_a} with {finding.label_b}")
        for shown in found.evidence(i)[:1]:
            print("  ", [shown.text[start:end] for start, end in shown.spans])
    found.plot().figure.savefig("correlate.png", dpi=150, bbox_inches="tight")


if __name__ == "__main__":
    main(sys.argv[1])
