"""Debian packages and their tags: real text, 512 rare labels."""

import hashlib
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np

from mlcore.checks import Parameter
from mlcore.datasets.base import Dataset, DatasetInfo

FILE = Path(__file__).parents[2] / "data" / "debtags.npz"
SHA256 = "485e08c0a3c8b1a0287b5c9ab7c29755836f27a74ffbee9313acabd55cebee8d"
N_WORD_COLUMNS = 2**13


def read(path: Path = FILE, sha256: str = SHA256) -> dict[str, np.ndarray]:
    """The arrays of the data file, if it is the file that the figures of the docs belong to.

    Raises:
        ValueError: If the file is missing, or its checksum is another one.
    """
    remedy = "restore the file from the repository or rebuild it with data/build_debtags.py"
    name = f"{path.parent.name}/{path.name}"  # a page may show it: not where the server keeps it
    if not path.is_file():
        raise ValueError(f"{name} is missing; {remedy}")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ValueError(f"{name} has checksum {found}, expected {sha256}; {remedy}")
    with np.load(BytesIO(content), allow_pickle=False) as file:
        return dict(file)


def features(counts, train: np.ndarray, components: int) -> np.ndarray:
    """Word counts as a dense table: TF-IDF, truncated SVD, scaled; all fitted on training rows.

    Args:
        counts: Sparse matrix of word counts, shape (n, words).
        train: Indices of the training rows.
        components: Columns to reduce the words to.

    Returns:
        Shape (n, components). Each column has mean 0 and variance 1 over the training rows.
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits

    steps = TfidfTransformer(), TruncatedSVD(components, random_state=0), StandardScaler()
    # One thread is as quick for matrices this small and does not wait for others: on two cores
    # that were busy, two took 18 s instead of 0.5 s.
    with threadpool_limits(1, user_api="blas"):
        return make_pipeline(*steps).fit(counts[train]).transform(counts)


@lru_cache(maxsize=2)
def load_debtags(*, components: int = 128) -> Dataset:
    """Debian packages, described by what they say of themselves, labelled with their tags.

    One package of each source of Debian 12 (bookworm) main, 6,511 in all, and the 512 most
    frequent tags of those that hold for at most 10 % of the packages. A row has 5.01 labels on
    average; the commonest holds for 12.5 % of the rows, the rarest for one. Features are the words
    of the short description and the name, the section and the dependencies.

    Args:
        components: Columns of x, 2 to 256.

    Returns:
        x of shape (6511, components), y of shape (6511, 512).

    Raises:
        ValueError: If the data file is missing or not the one that was shipped.

    Source:
        Debian archive, bookworm 12.15, 11 July 2026, packages of main for amd64; recipe in
        data/README.md. On the tags: Zini 2005, A cute introduction to Debtags, DebConf 5.
    """
    from scipy.sparse import csr_array

    arrays = read()

    def table(values, name: str, columns: int) -> csr_array:
        starts = np.concatenate([[0], np.cumsum(arrays[f"{name}_lengths"], dtype=np.int32)])
        indices = arrays[f"{name}_indices"].astype(np.int32)
        return csr_array((values, indices, starts), (len(starts) - 1, columns))

    def lines(name: str) -> list[str]:
        return arrays[name].tobytes().decode().splitlines()

    tags, sections = lines("tags"), lines("sections")
    train, validation, test = (np.flatnonzero(arrays["part"] == part) for part in range(3))
    counts = table(arrays["word_counts"].astype(np.float64), "word", N_WORD_COLUMNS)
    return Dataset(
        **INFO.told,
        x=features(counts, train, components),
        y=table(np.ones(len(arrays["tag_indices"]), np.uint8), "tag", len(tags)).toarray(),
        label_names=tags,
        train=train,
        validation=validation,
        test=test,
        row_names=[
            f"{package} ({sections[code]})"
            for package, code in zip(lines("packages"), arrays["section"], strict=True)
        ],
    )


INFO = DatasetInfo(
    name="debtags",
    title="Debian packages",
    description="6,511 Debian packages, described by their words, with 512 tags to predict.",
    source="Package index of the Debian archive, bookworm 12.15 main, amd64, 11 July 2026",
    licence="GPL-2 (Debian's debtags)",
    parameters=(
        Parameter(
            name="components",
            title="Components",
            default=128,
            range=(2, 256),
            help="How many columns the words of a package are reduced to; fewer tell less.",
        ),
    ),
    function=load_debtags,
    is_heavy=True,
)
