"""Multi-label data sets: four built in, none downloaded, each with its source and licence."""

from mlcore.datasets.base import Dataset, DatasetInfo
from mlcore.datasets.table import DATASETS, load

__all__ = ["DATASETS", "Dataset", "DatasetInfo", "load"]
