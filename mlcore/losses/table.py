"""LOSSES: every loss by its key."""

from collections.abc import Mapping
from types import MappingProxyType

from mlcore.losses import adjusted, clipped, cross_entropy, focusing, overlap, pairwise, partition
from mlcore.losses.info import LossInfo

_IN_ORDER = (  # what most people meet first stands first
    cross_entropy.SOFTMAX,
    cross_entropy.BCE,
    cross_entropy.BCE_POS_WEIGHT,
    cross_entropy.WEIGHTED_BCE,
    focusing.FOCAL,
    focusing.ASYMMETRIC,
    adjusted.CLASS_BALANCED,
    pairwise.ZLPR,
    adjusted.LOGIT_ADJUSTED,
    focusing.HILL,
    overlap.SOFT_F1,
    overlap.DICE,
    overlap.TVERSKY,
    pairwise.TWO_WAY,
    clipped.BCE_ON_PROBABILITIES,
    clipped.ABSOLUTE_KL,
    partition.PARTITION_KL_MSE,
    partition.PARTITION_ABSOLUTE_KL,
    partition.PARTITION_POISSON,
)
LOSSES: Mapping[str, LossInfo] = MappingProxyType({info.key: info for info in _IN_ORDER})
