"""`make release`: one version in all files, or nothing changed and the reason said."""

import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tools.release import Refused, release

ROOT = Path(__file__).parent.parent
FILES = ("pyproject.toml", "CITATION.cff", "CHANGELOG.md")
DAY = date(2027, 1, 31)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Copies of the project's files at version 0.9.0, with a section for 0.10.0 to come."""
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path)
    edit(tmp_path / "pyproject.toml", r'^version = ".*"$', 'version = "0.9.0"')
    edit(tmp_path / "CITATION.cff", r"^version: .*$", "version: 0.9.0")
    edit(tmp_path / "CHANGELOG.md", r"^## ", "## [0.10.0] - Unreleased\n\n- A thing.\n\n## ")
    return tmp_path


def edit(path: Path, pattern: str, new: str) -> None:
    text, n_found = re.subn(pattern, new, path.read_text("utf-8"), count=1, flags=re.MULTILINE)
    assert n_found == 1
    path.write_text(text, "utf-8")


def lines(folder: Path) -> dict[str, list[str]]:
    return {name: (folder / name).read_text("utf-8").splitlines() for name in FILES}


def test_a_release_changes_one_line_of_each_file(checkout: Path) -> None:
    before = lines(checkout)
    release(checkout, "0.10.0", day=DAY)
    changed = []
    for name, after in lines(checkout).items():
        changed += [pair for pair in zip(before[name], after, strict=True) if pair[0] != pair[1]]
    assert changed == [
        ('version = "0.9.0"', 'version = "0.10.0"'),
        ("version: 0.9.0", "version: 0.10.0"),
        ("## [0.10.0] - Unreleased", "## [0.10.0] - 2027-01-31"),
    ]


def test_a_section_without_a_number_gets_that_of_the_release(checkout: Path) -> None:
    edit(checkout / "CHANGELOG.md", r"^## .*$", "## [Unreleased]")
    release(checkout, "1.0.0", day=DAY)
    assert "## [1.0.0] - 2027-01-31" in lines(checkout)["CHANGELOG.md"]


@pytest.mark.parametrize("version", ["", "1.0", "v1.0.0", "1.0.0rc1", "1.00.0", "1.0.0\n", "١.٠.٠"])
def test_a_version_that_is_not_three_numbers_is_refused(checkout: Path, version: str) -> None:
    refused(checkout, version, r"Expected: X\.Y\.Z")


@pytest.mark.parametrize("version", ["0.9.0", "0.8.11", "0.0.10"])
def test_a_version_that_is_not_above_the_present_one_is_refused(
    checkout: Path, version: str
) -> None:
    refused(checkout, version, r"above the present 0\.9\.0")


@pytest.mark.parametrize("heading", ["## [0.10.0] - 2026-12-01", "## [0.11.0] - Unreleased"])
def test_a_version_without_an_unreleased_section_on_top_is_refused(
    checkout: Path, heading: str
) -> None:
    edit(checkout / "CHANGELOG.md", r"^## .*$", heading)
    refused(checkout, "0.10.0", r"Expected: '\[0\.10\.0\] - Unreleased'")


def test_a_file_that_does_not_say_its_version_is_refused(checkout: Path) -> None:
    edit(checkout / "CITATION.cff", r"^version: .*\n", "")
    refused(checkout, "0.10.0", r"CITATION\.cff has 0 lines with the version")


def refused(checkout: Path, version: str, reason: str) -> None:
    before = lines(checkout)
    with pytest.raises(Refused, match=reason):
        release(checkout, version, day=DAY)
    assert lines(checkout) == before


def test_make_releases_and_fails_where_it_is_refused(checkout: Path) -> None:
    shutil.copy(ROOT / "Makefile", checkout)
    (checkout / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "release.py", checkout / "tools")
    make = ["make", f"PYTHON={sys.executable}", "release"]
    failed = subprocess.run(make, cwd=checkout, capture_output=True, text=True, check=False)
    assert failed.returncode != 0
    assert "VERSION is ''. Expected: X.Y.Z" in failed.stderr
    subprocess.run([*make, "VERSION=0.10.0"], cwd=checkout, capture_output=True, check=True)
    assert 'version = "0.10.0"' in lines(checkout)["pyproject.toml"]
