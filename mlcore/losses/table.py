"""LOSSES: every loss by its key."""

from collections.abc import Mapping
from types import MappingProxyType

from mlcore.losses.basic_entries import BASIC
from mlcore.losses.info import LossInfo

LOSSES: Mapping[str, LossInfo] = MappingProxyType({info.key: info for info in (*BASIC,)})
