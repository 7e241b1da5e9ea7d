"""How do the answers cluster along an axis that I name?

python examples/cluster.py answers.scope
"""

import sys

import corpuscope as cs


def main(path: str) -> None:
    store = cs.open_store(path)
    found = cs.cluster(store, along=["careful, perhaps, maybe", "a definite statement"])
    for warning in found.warnings:
        print("note:", warning)
    print(found.to_frame()[["size", "pole", "label", "stability"]].to_string())
    for i, cluster in enumerate(found.clusters):
        print(f"\n{cluster.label}: {cluster.description}")
        for shown in found.evidence(i)[:1]:
            print("  ", shown.id, [shown.text[start:end] for start, end in shown.spans[:5]])
    found.plot().figure.savefig("cluster.png", dpi=150, bbox_inches="tight")


if __name__ == "__main__":
    main(sys.argv[1])
