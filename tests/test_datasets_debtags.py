"""The Debian tags: the file that ships, its features, and the script that builds it."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.decomposition import TruncatedSVD
from threadpoolctl import threadpool_info, threadpool_limits

from mlcore.datasets import debtags, load

SCRIPT = Path(__file__).parents[1] / "data" / "build_debtags.py"


@pytest.fixture(scope="module")
def build_debtags():
    """The build script, which is no module of a package."""
    spec = importlib.util.spec_from_file_location("build_debtags", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_debtags_has_the_figures_its_page_states():
    dataset = load("debtags")
    support = dataset.y.sum(axis=0, dtype=int)
    assert dataset.x.shape == (6511, 128)
    assert dataset.y.shape == (6511, 512)
    assert [len(part) for part in (dataset.train, dataset.validation, dataset.test)] == (
        [4577, 964, 970]
    )
    assert dataset.cardinality == pytest.approx(5.01, abs=0.005)
    assert support.max() / 6511 == pytest.approx(0.125, abs=0.0005)
    assert support.min() == 1
    assert np.mean(support.max() / support) == pytest.approx(66.6, abs=0.05)
    assert dataset.y.sum(axis=1).min() >= 3
    parts = (dataset.train, dataset.validation, dataset.test)
    assert [(~dataset.y[part].any(axis=0)).sum() for part in parts] == [1, 81, 57]


def test_debtags_rows_and_labels_carry_their_right_names():
    dataset = load("debtags")
    row = dataset.row_names.index("gimp (graphics)")
    tags = {dataset.label_names[label] for label in np.flatnonzero(dataset.y[row])}
    assert "works-with::image" in tags
    assert len(set(dataset.row_names)) == 6511


def test_debtags_is_loaded_once():
    assert load("debtags") is load("debtags", components=128)


def test_debtags_features_are_fitted_on_training_rows_only():
    rng = np.random.default_rng(0)
    counts = rng.poisson(0.5, (60, 30)).astype(float)
    train = np.arange(40)
    other = counts.copy()
    other[40:] = rng.poisson(5, (20, 30))
    first = debtags.features(csr_array(counts), train, 5)
    second = debtags.features(csr_array(other), train, 5)
    # Rows outside training change themselves and nothing else; the same sums, hence exactly.
    np.testing.assert_array_equal(first[train], second[train])
    assert not np.allclose(first[40:], second[40:])
    np.testing.assert_allclose(first[train].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(first[train].std(axis=0), 1, rtol=1e-12)


def test_debtags_features_are_made_on_one_thread(monkeypatch):
    """Whatever else may: on busy cores the threads of BLAS wait for each other."""
    threads = []

    class Watched(TruncatedSVD):
        def fit_transform(self, *rows):
            threads.extend(pool["num_threads"] for pool in threadpool_info() if is_blas(pool))
            return super().fit_transform(*rows)

    def is_blas(pool):
        return pool["user_api"] == "blas"

    monkeypatch.setattr("sklearn.decomposition.TruncatedSVD", Watched)
    counts = csr_array(np.random.default_rng(0).poisson(0.5, (60, 30)).astype(float))
    with threadpool_limits(2, user_api="blas"):
        debtags.features(counts, np.arange(40), 5)
    assert threads
    assert set(threads) == {1}


def test_debtags_columns_have_mean_0_and_variance_1_over_training_rows():
    dataset = load("debtags")
    x = dataset.x.astype(float)
    # Float32 keeps 7 digits of each value; means of 4,577 of them are better than 1e-6.
    np.testing.assert_allclose(x[dataset.train].mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(x[dataset.train].std(axis=0), 1, rtol=1e-6)
    assert abs(x[dataset.test].mean(axis=0)).max() > 0.01


def test_debtags_words_tell_of_the_tags():
    dataset = load("debtags")
    label = dataset.label_names.index("works-with::image")
    x, y = dataset.x.astype(float), dataset.y[:, label].astype(float)
    weights, *_ = np.linalg.lstsq(x[dataset.train], y[dataset.train])
    found = x[dataset.test] @ weights
    order = np.argsort(-found)[: int(y[dataset.test].sum())]
    # Least squares ranks about half of the packages right; chance would get 5 %.
    assert y[dataset.test][order].mean() > 0.4


def test_debtags_refuses_a_changed_file(tmp_path):
    content = bytearray(debtags.FILE.read_bytes())
    content[len(content) // 2] ^= 1
    path = tmp_path / "debtags.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"has checksum .*, expected {debtags.SHA256}; restore"):
        debtags.read(path)


def test_debtags_says_that_its_file_is_missing(tmp_path):
    with pytest.raises(ValueError, match=r"nothing\.npz is missing; restore the file"):
        debtags.read(tmp_path / "nothing.npz")


def test_debtags_file_carries_its_licence():
    arrays = debtags.read()
    assert "GNU General Public License, version 2" in arrays["notice"].tobytes().decode()
    readme = (debtags.FILE.parent / "README.md").read_text(encoding="utf-8")
    assert debtags.SHA256 in readme
    assert f"{debtags.FILE.stat().st_size:,} bytes" in readme


# --- the script that builds debtags

INDEX = """\
Package: gimp
Version: 2.10.34-1
Depends: libgimp2.0 (>= 2.10.34), python3:any | python3-minimal (<< 4), libc6
Description: GNU Image Manipulation Program
Tag: use::editing, works-with::image,
 works-with::image:raster, special::TODO
Section: graphics

Package: gimp-data
Source: gimp (2.10)
Description: Data files for GIMP
Tag: role::app-data
Section: graphics

Package: plain
Description: nothing is known of it
Section: misc
"""


def test_build_reads_a_package_index(build_debtags):
    gimp, data, plain = build_debtags.parse(INDEX)
    assert gimp == build_debtags.Package(
        name="gimp",
        source="gimp",
        section="graphics",
        summary="GNU Image Manipulation Program",
        dependencies=("libgimp2.0", "python3", "python3-minimal", "libc6"),
        tags=frozenset({"use::editing", "works-with::image", "works-with::image:raster"}),
    )
    assert (data.source, data.dependencies) == ("gimp", ())
    assert (plain.source, plain.tags) == ("plain", frozenset())


def test_build_keeps_the_package_with_most_tags_of_each_source(build_debtags):
    kept = build_debtags.one_per_source(build_debtags.parse(INDEX))
    assert [package.name for package in kept] == ["gimp"]


def make_package(build_debtags, name, tags, source=None):
    return build_debtags.Package(name, source or name, "misc", "a tool", (), frozenset(tags))


def test_build_takes_the_first_by_name_among_equals(build_debtags):
    packages = [make_package(build_debtags, name, {"t"}, source="s") for name in ("b", "a", "c")]
    assert [package.name for package in build_debtags.one_per_source(packages)] == ["a"]


def test_build_drops_tags_above_a_tenth_and_ranks_by_count_then_name(build_debtags):
    tags = {i: {"everywhere"} for i in range(20)}
    tags[0] |= {"two::b", "two::a", "one"}
    tags[1] |= {"two::b", "two::a"}
    packages = [make_package(build_debtags, str(i), tags[i]) for i in range(20)]
    # Two of twenty is a tenth, not more.
    assert build_debtags.choose_tags(packages) == ["two::a", "two::b", "one"]


def test_build_counts_words_section_and_dependencies(build_debtags):
    package = build_debtags.Package("g++-12", "gcc", "devel", "GNU C++ tool", ("libc6",), {})
    assert build_debtags.tokens(package) == (
        ["gnu", "c++", "tool", "g++", "12", "section:devel", "depends:libc6"]
    )


def test_build_splits_by_the_source_name_alone(build_debtags):
    parts = [build_debtags.part_of(f"source-{i}") for i in range(4000)]
    # Four standard deviations of a share of 0.7 among 4,000.
    assert np.bincount(parts) / 4000 == pytest.approx([0.70, 0.15, 0.15], abs=0.03)
    # By hand: `printf gimp | sha256sum` begins with 8a, 0x8a / 256 = 0.54; linux 0.79, perl 0.94.
    assert [build_debtags.part_of(name) for name in ("gimp", "linux", "perl")] == [0, 1, 2]


def test_build_gives_arrays_that_agree_with_the_packages(build_debtags):
    tags = [{"a", "b", "c"}, {"a", "b"}, {"b", "c", "d"}]
    filler = [make_package(build_debtags, f"filler{i}", {"x"}) for i in range(40)]
    packages = [make_package(build_debtags, f"p{i}", tags[i]) for i in range(3)]
    arrays = build_debtags.build([*packages, *filler])
    assert arrays["packages"].tobytes().decode().split("\n") == ["p0", "p2"]
    assert arrays["tags"].tobytes().decode().split("\n") == ["b", "a", "c", "d"]
    assert arrays["tag_indices"].tolist() == [0, 1, 2, 0, 2, 3]
    assert arrays["tag_lengths"].tolist() == [3, 3]
    assert arrays["word_counts"].sum() == 2 * 4  # a, tool, the name, the section
    assert build_debtags.figures(arrays).startswith("rows 2 ")


def test_build_writes_the_same_bytes_again(build_debtags, tmp_path, monkeypatch, capsys):
    index = tmp_path / "test_Packages"
    names = [f"p{i}" for i in range(30)]
    index.write_text(
        "\n\n".join(
            f"Package: {name}\nSection: misc\nDescription: tool {name}\nTag: "
            + ", ".join(f"t::{j}" for j in range(40) if (i * j) % 11 == 1)
            for i, name in enumerate(names)
        ),
        encoding="utf-8",
    )
    outputs = [tmp_path / "first", tmp_path / "second"]
    for output in outputs:
        monkeypatch.setattr(sys, "argv", ["build", str(index), "-o", str(output)])
        build_debtags.main()
    first, second = (output.read_bytes() for output in outputs)
    assert first == second
    assert "rows " in capsys.readouterr().out


# --- digits
