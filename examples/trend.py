"""What rises or falls along the answers?

    python examples/trend.py answers.scope

If there is a column of years or versions, name it. Here the answers are ordered by the length of
their prompts, given as one value per document; the many values are binned into four groups.
"""

import sys

import corpuscope as cs


def main(path: str) -> None:
    store = cs.open_store(path)
    lengths = [len(str(prompt)) for prompt in store.column("prompt")]
    found = cs.trend(store, by=lengths, settings=cs.TrendSettings(max_groups=4), q=0.2)
    for warning in found.warnings:
        print("note:", warning)
    print(found.to_frame()[["label", "slope", "adjusted_slope", "largest_step", "q_value"]])
    for i, finding in enumerate(found.findings[:3]):
        rates = ", ".join(f"{name}: {rate:.0%}" for name, rate in finding.rates.items())
        print(f"\n{finding.label}\n  {rates}")
        for shown in found.evidence(i)[:2]:
            print("  ", shown.side, [shown.text[start:end] for start, end in shown.spans])
    found.plot().savefig("trend.png", dpi=150, bbox_inches="tight")


if __name__ == "__main__":
    main(sys.argv[1])
