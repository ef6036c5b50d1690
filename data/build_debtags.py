"""Build data/debtags.npz from the package index that apt keeps on a Debian machine.

    python data/build_debtags.py                     # this machine's release, main
    python data/build_debtags.py Packages -o out.npz # any package index, compressed or not

The same index gives the same bytes. data/README.md tells the recipe step by step.
"""

import argparse
import hashlib
import platform
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

N_COLUMNS = 2**13
N_TAGS = 512
FEWEST_TAGS = 3
COMMONEST_TAG = 0.10
SPLIT_ENDS = (0.70, 0.85)  # train below the first, validation below the second, test above

NOTICE = """\
Derived from Debian's debtags: the tags in the package index of the Debian archive.
Copyright (C) 2003, 2004, 2005 Enrico Zini <enrico@debian.org> et al.
The debtags package publishes them under the GNU General Public License, version 2, and this
file is passed on under the same: https://www.gnu.org/licenses/old-licenses/gpl-2.0.html
"""


class Package(NamedTuple):
    """What the recipe needs to know of one package."""

    name: str
    source: str
    section: str
    summary: str
    dependencies: tuple[str, ...]
    tags: frozenset[str]


def find_index(release: str) -> Path:
    """The file in which apt keeps the package index of the release's main archive."""
    filters = ["Created-By: Packages", "Component: main", f"Codename: {release}"]
    command = ["apt-get", "indextargets", "--format", "$(FILENAME)", *filters]
    paths = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    if not paths:
        raise SystemExit(f"apt has no index of {release} main: run `apt-get update` first")
    return Path(paths[0])


def read_index(path: Path) -> str:
    """The text of a package index; apt unpacks whichever compression it has."""
    if path.name.endswith("Packages"):
        return path.read_text(encoding="utf-8")
    command = ["/usr/lib/apt/apt-helper", "cat-file", str(path)]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode("utf-8")


def parse(index: str) -> Iterator[Package]:
    """The packages of an index: paragraphs of `Field: value`, longer values indented below."""
    for paragraph in index.strip().split("\n\n"):
        unfolded = re.sub(r"\n[ \t]+", " ", paragraph)
        fields = dict(line.split(":", 1) for line in unfolded.splitlines())
        fields = {name: value.strip() for name, value in fields.items()}
        tags = re.split(r"[,\s]+", fields.get("Tag", ""))
        yield Package(
            name=fields["Package"],
            source=fields.get("Source", fields["Package"]).split()[0],  # drops "(version)"
            section=fields["Section"],
            summary=fields["Description"],
            dependencies=dependency_names(fields.get("Depends", "")),
            tags=frozenset(tag for tag in tags if tag and not tag.endswith("::TODO")),
        )


def dependency_names(depends: str) -> tuple[str, ...]:
    """Package names in a Depends field, alternatives too, without versions or architectures.

    >>> dependency_names("libc6 (>= 2.34), python3:any | python3-minimal")
    ('libc6', 'python3', 'python3-minimal')
    """
    return tuple(re.findall(r"(?:^|[,|])\s*([a-z0-9][a-z0-9+.-]*)", depends))


def one_per_source(packages: Iterable[Package]) -> list[Package]:
    """The tagged package with most tags of every source, the first by name among equals."""
    best = {}
    for package in sorted(packages, key=lambda package: (-len(package.tags), package.name)):
        if package.tags:
            best.setdefault(package.source, package)
    return sorted(best.values(), key=lambda package: package.name)


def choose_tags(packages: list[Package]) -> list[str]:
    """The most frequent tags by (-count, name), without those on too many packages."""
    counts = Counter(tag for package in packages for tag in package.tags)
    ranked = sorted(counts, key=lambda tag: (-counts[tag], tag))
    return [tag for tag in ranked if counts[tag] <= COMMONEST_TAG * len(packages)][:N_TAGS]


def tokens(package: Package) -> list[str]:
    """What is counted: words of summary and name, the section and the dependencies."""
    words = re.findall(r"\w[\w+#]*", f"{package.summary} {package.name}".lower())
    needs = [f"depends:{name}" for name in package.dependencies]
    return [*words, f"section:{package.section}", *needs]


def part_of(source: str) -> int:
    """0 (train), 1 (validation) or 2 (test), decided by the source's name alone."""
    digest = hashlib.sha256(source.encode()).digest()
    return sum(int.from_bytes(digest[:8]) / 2**64 >= end for end in SPLIT_ENDS)


def build(packages: Iterable[Package]) -> dict[str, np.ndarray]:
    """The arrays of the data file. Text is stored as UTF-8 bytes, one entry a line."""
    from sklearn.feature_extraction import FeatureHasher

    packages = one_per_source(packages)
    tags = choose_tags(packages)
    column = {tag: index for index, tag in enumerate(tags)}
    packages = [package for package in packages if len(package.tags & column.keys()) >= FEWEST_TAGS]
    labels = [sorted(column[tag] for tag in package.tags & column.keys()) for package in packages]
    hasher = FeatureHasher(N_COLUMNS, input_type="string", alternate_sign=False)
    counts = hasher.transform(map(tokens, packages))
    counts.sort_indices()
    sections = sorted({package.section for package in packages})
    return {
        "notice": text(NOTICE.splitlines()),
        "packages": text(package.name for package in packages),
        "sections": text(sections),
        "section": np.array([sections.index(package.section) for package in packages], np.uint8),
        "part": np.array([part_of(package.source) for package in packages], np.uint8),
        "tags": text(tags),
        "tag_indices": np.concatenate(labels).astype(np.uint16),
        "tag_lengths": np.array([len(row) for row in labels], np.uint8),
        "word_counts": counts.data.astype(np.uint8),
        "word_indices": counts.indices.astype(np.uint16),
        "word_lengths": np.diff(counts.indptr).astype(np.uint16),
    }


def text(lines: Iterable[str]) -> np.ndarray:
    """Lines of text as an array of bytes, which NumPy saves without a pickle."""
    return np.frombuffer("\n".join(lines).encode(), np.uint8)


def figures(arrays: dict[str, np.ndarray]) -> str:
    """What the data set is like, as data/README.md states it."""
    n = len(arrays["tag_lengths"])
    counts = np.bincount(arrays["tag_indices"])
    train, validation, test = np.bincount(arrays["part"], minlength=3)
    return (
        f"rows {n} (train {train}, validation {validation}, test {test}), labels {len(counts)}, "
        f"cardinality {counts.sum() / n:.3f}, highest prevalence {counts.max() / n:.2%}, "
        f"rarest label on {counts.min()} rows, "
        f"mean imbalance ratio {np.mean(counts.max() / counts):.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("index", type=Path, nargs="?", help="package index; default: apt's own")
    parser.add_argument("-r", "--release", help="whose index to take; default: this machine's")
    default = Path(__file__).with_name("debtags.npz")
    parser.add_argument("-o", "--output", type=Path, default=default)
    options = parser.parse_args()
    release = options.release or platform.freedesktop_os_release()["VERSION_CODENAME"]
    index = options.index or find_index(release)
    arrays = build(parse(read_index(index)))
    with options.output.open("wb") as file:
        np.savez_compressed(file, **arrays)
    print(f"{index}\n{figures(arrays)}")
    print(f"{options.output}: {options.output.stat().st_size} bytes, SHA-256")
    print(hashlib.sha256(options.output.read_bytes()).hexdigest())


if __name__ == "__main__":
    main()
