"""What is wrong with these labels?

python examples/audit.py answers.scope
"""

import sys

import corpuscope as cs


def main(path: str) -> None:
    found = cs.audit(cs.open_store(path), label="model", settings=cs.AuditSettings(max_lines=5))
    for warning in found.warnings:
        print("note:", warning)
    for one in found.shortcuts:
        print(f"{one.label} ({one.value}): {one.reason}")
        for shown in one.evidence[:1]:
            print("  ", shown.id, [shown.text[start:end] for start, end in shown.spans])
    for line in found.suspect_labels:
        print(f"{line.id}: {line.reason}")
    for line in found.duplicates:
        print(f"{line.id}: {line.reason}")
    found.plot().figure.savefig("audit.png", dpi=150, bbox_inches="tight")


if __name__ == "__main__":
    main(sys.argv[1])
