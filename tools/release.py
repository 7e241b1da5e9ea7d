"""Gives the project the version of a release: in all files that name it, or in none.

It does not commit, tag or publish. Called by `make release VERSION=0.3.0`.
"""

import re
import sys
from datetime import UTC, date, datetime
from pathlib import Path

_FORM = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")
_PROJECT, _CITATION, _CHANGELOG = "pyproject.toml", "CITATION.cff", "CHANGELOG.md"


class Refused(Exception):
    """A release that cannot be made; the message says what was found and what was expected."""


def release(root: Path, version: str, *, day: date) -> None:
    """Sets the version in pyproject.toml and CITATION.cff, and dates the changelog's top section.

    Args:
        root: The checkout.
        version: Of the release, as X.Y.Z.
        day: Of the release.

    Raises:
        Refused: The version is of another form or not larger than the present one, or the
            changelog's top section is not the unreleased one for it. No file has changed.
    """
    if not _FORM.fullmatch(version):
        raise Refused(f"VERSION is {version!r}. Expected: X.Y.Z, as in make release VERSION=0.3.0.")
    texts = {name: (root / name).read_text("utf-8") for name in (_PROJECT, _CITATION, _CHANGELOG)}
    present = _only(r'^version = "([0-9.]+)"$', texts[_PROJECT], _PROJECT)
    if _numbers(version) <= _numbers(present[1]):
        raise Refused(f"VERSION is {version}. Expected: one above the present {present[1]}.")
    cited = _only(r"^version: ([0-9.]+)$", texts[_CITATION], _CITATION)
    heading = re.search(r"^## (.*)$", texts[_CHANGELOG], re.MULTILINE)
    if heading is None or heading[1] not in (f"[{version}] - Unreleased", "[Unreleased]"):
        found = f"begins with the section {heading[1]!r}" if heading else "has no section"
        raise Refused(
            f"{_CHANGELOG} {found}. Expected: '[{version}] - Unreleased'. "
            f"Next: write there what users of {version} gain or must change."
        )
    of_release = {_PROJECT: (present, version), _CITATION: (cited, version)}
    of_release[_CHANGELOG] = (heading, f"[{version}] - {day.isoformat()}")
    for name, (place, new) in of_release.items():
        text = texts[name]
        (root / name).write_text(text[: place.start(1)] + new + text[place.end(1) :], "utf-8")


def _only(pattern: str, text: str, name: str) -> re.Match[str]:
    """The one place of a pattern in a file."""
    found = list(re.finditer(pattern, text, re.MULTILINE))
    if len(found) != 1:
        raise Refused(f"{name} has {len(found)} lines with the version. Expected: one.")
    return found[0]


def _numbers(version: str) -> tuple[int, ...]:
    """What versions are compared by: 0.10.0 is above 0.9.0."""
    return tuple(int(number) for number in version.split("."))


def main(arguments: list[str]) -> int:
    """Releases the checkout that this file is in; the exit code is 2 where that is refused."""
    version = " ".join(arguments)
    try:
        release(Path(__file__).parent.parent, version, day=datetime.now(UTC).date())
    except Refused as error:
        print(error, file=sys.stderr)
        return 2
    print(f"The version is {version}. Look at git diff, then run make test, commit and tag.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
