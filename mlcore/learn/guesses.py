"""How well somebody's confidence fits how often they were right."""

from collections.abc import Iterable
from dataclasses import dataclass

CONFIDENCES = ("sure", "fairly", "guess")  # from the most to the least


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The answers that were given with one confidence.

    Attributes:
        confidence: One of CONFIDENCES.
        count: How many they are, >= 1.
        right: How many of them were right.
    """

    confidence: str
    count: int
    right: int

    @property
    def share(self) -> float:
        """The share of them that was right, in [0, 1]."""
        return self.right / self.count


def by_confidence(answers: Iterable[tuple[str, bool]]) -> list[Answers]:
    """Answers counted by their confidence, the surest first; those without one are left out.

    Args:
        answers: The confidence of each, and whether it was right.

    Example:
        >>> found = by_confidence([("guess", False), ("sure", True), ("sure", False), ("", True)])
        >>> [(each.confidence, each.right, each.count, each.share) for each in found]
        [('sure', 1, 2, 0.5), ('guess', 0, 1, 0.0)]
    """
    answers = list(answers)
    found = []
    for name in CONFIDENCES:
        right = [is_right for confidence, is_right in answers if confidence == name]
        if right:
            found.append(Answers(confidence=name, count=len(right), right=sum(right)))
    return found
