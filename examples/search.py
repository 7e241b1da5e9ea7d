"""Which texts refer to rules, and which are like the first two of them?

python examples/search.py answers.scope
"""

import sys

import corpuscope as cs


def main(path: str) -> None:
    """Print the first hits with what contributed to their rank, then refine the search."""
    store = cs.open_store(path)
    found = cs.search(store, "refers to rules and terms", n=5)
    for one in found.features[:3]:
        print(f"{one.weight:.2f}  {one.label}, in {one.n_documents} texts")
    for hit in found.hits:
        places = ", ".join(repr(hit.text[start:end]) for start, end in hit.spans[:3])
        print(f"{hit.rank}  {hit.id}  {hit.score:.2f}  {places}")
    again = found.more_like([hit.id for hit in found.hits[:2]])
    print("more like the first two:", ", ".join(hit.id for hit in again.hits))


if __name__ == "__main__":
    main(sys.argv[1])
