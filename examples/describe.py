"""What is in a store: questions that fit it, a feature, a document, and a pair of documents.

python examples/describe.py answers.scope
"""

import sys

import corpuscope as cs


def main(path: str) -> None:
    """Print proposals, contexts of a word, the features of a document, and what its pair lacks."""
    store = cs.open_store(path)
    for one in cs.describe_store(store).proposals:
        print(f"{one.asks}\n  {one.command}")
    feature = cs.describe_feature(store, "might", by="model")
    for group in feature.groups:
        print(f"{feature.name.label} in {group.group}: {group.rate:.0%}")
    for context in feature.bands[0].contexts:
        shown = context.excerpt[: context.start], context.excerpt[context.end :]
        print(
            f"{context.id}: …{shown[0]}[{context.excerpt[context.start : context.end]}]{shown[1]}…"
        )
    document = cs.describe_document(store, feature.bands[0].contexts[0].id, pair="prompt_id")
    for present in document.features[:3]:
        print(f"{present.over_threshold:.1f} × {present.label}, at {present.span}")
    pair = cs.compare_documents(store, document.document.id, document.partners[0].id)
    print("only here:", ", ".join(one.label for one in pair.only("left")[:3]))


if __name__ == "__main__":
    main(sys.argv[1])
