"""What does the new model do that the old one did not?

    python examples/diff.py answers.scope

The store holds answers of two models to the same prompts, with columns `model` and `prompt_id`.
"""

import sys

import corpuscope as cs


def main(path: str) -> None:
    store = cs.open_store(path)
    found = cs.diff(store, by="model", target="new", pair="prompt_id")
    for warning in found.warnings:
        print("note:", warning)
    print(found.to_frame()[["label", "rate_target", "rate_reference", "q_value"]].to_string())
    for target, reference in found.pairs(0) if found.findings else []:
        print(f"\n{found.target}: {target.text}\n{found.findings[0].against}: {reference.text}")
    found.plot().figure.savefig("diff.png", dpi=150, bbox_inches="tight")


if __name__ == "__main__":
    main(sys.argv[1])
