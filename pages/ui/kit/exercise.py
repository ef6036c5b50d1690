"""What an exercise is: a template that takes the numbers of a case, and judges a guess.

The first case has the numbers that its page tells of, then there are fresh ones.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from pages.ui.kit.numbers import MINUS, filled
from pages.ui.words import _

Case = Mapping[str, object]  # the numbers of a question by name


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """A wrong number that people come to, and why it is not the answer.

    Attributes:
        value: Computes it by the library for a case.
        why: What somebody thought, and why it is not so; it does not tell the answer.
    """

    value: Callable[[Case], float]
    why: str


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One question. Its texts are translated where drawn and may hold Markdown.

    All texts have the numbers of the case as fields, and `feedback` what `figures` computes too.
    Before the answer is told, no text tells it.

    Attributes:
        key: Its name in links and widgets: letters, digits and hyphens, different from all others.
        title: Two to five words.
        question: What is asked.
        first: The case that is asked first.
        fresh: Draws another case.
        answer: Computes the right answer by the library: an option's key, or a number.
        feedback: Says why, with the figures that show it, once the answer is told.
        figures: Computes what the feedback names beside the answer.
        hints: They open one after the other.
        options: Key to text, for a choice; empty where a number is asked for.
        wrong: For each option that can be wrong, why somebody thinks so and why it is not so.
        mistakes: The wrong numbers that are recognised.
        too_low: What to think of, where another number is too low.
        too_high: The same where it is too high.
        tolerance: How far from the answer a number may be.
        relative: The same as a share of the answer; the larger counts.
        format: How the number's field writes it.
    """

    key: str
    title: str
    question: str
    first: Case
    fresh: Callable[[Random], Case]
    answer: Callable[[Case], object]
    feedback: str
    hints: tuple[str, ...]
    figures: Callable[[Case], Mapping] = lambda case: {}
    options: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    mistakes: tuple[Mistake, ...] = ()
    too_low: str = ""
    too_high: str = ""
    tolerance: float = 0.0
    relative: float = 0.0
    format: str = "%.3f"

    def case(self, number: int) -> Case:
        """The first case for 0, then fresh ones, each unlike the one before it."""
        rng, case = Random(self.key), self.first
        for _one in range(number):
            before = case
            while case == before:
                case = self.fresh(rng)
        return case

    def said(self, text: str, case: Case, **more: object) -> str:
        """A text of it in the reader's language, with the numbers of a case."""
        words = {
            name: _(value) if isinstance(value, str) else value for name, value in case.items()
        }
        return filled(_(text), **(words | more))

    def is_right(self, guess: object, case: Case) -> bool:
        """Whether a guess is the answer, within the tolerance where it is a number."""
        answer = self.answer(case)
        return guess == answer if self.options else self._near(guess, answer)

    def told(self, case: Case) -> str:
        """Why the answer is what it is."""
        return self.said(self.feedback, case, answer=self.answer(case), **self.figures(case))

    def told_wrong(self, guess: object, case: Case) -> str:
        """Why a guess is wrong, without the answer."""
        if self.options:
            return self.said(self.wrong[guess], case)
        for mistake in self.mistakes:
            if self._near(guess, mistake.value(case)):
                return self.said(mistake.why, case)
        is_low = guess < self.answer(case)
        return self.said(self.too_low if is_low else self.too_high, case)

    def written(self, case: Case) -> str:
        """The answer in a few words."""
        answer = self.answer(case)
        if self.options:
            return self.said(self.options[answer], case)
        return (self.format % answer).translate(MINUS)

    def _near(self, guess: float, value: float) -> bool:
        return abs(guess - value) <= max(self.tolerance, self.relative * abs(value))
