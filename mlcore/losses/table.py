"""LOSSES: every loss by its key."""

from collections.abc import Mapping
from types import MappingProxyType

from mlcore.losses.basic_entries import BASIC
from mlcore.losses.further_entries import FURTHER
from mlcore.losses.info import LossInfo
from mlcore.losses.partition_entries import PARTITION

LOSSES: Mapping[str, LossInfo] = MappingProxyType(
    {info.key: info for info in (*BASIC, *FURTHER, *PARTITION)}
)
