"""Which part of a digit a network needs: a patch of paper is slid over it.

As in Zeiler & Fergus 2014, "Visualizing and Understanding Convolutional Networks", arXiv
1311.2901, section 4.2, who slid a grey square over photographs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from lesson.answers import scores
from lesson.inside import signed
from lesson.network import Float32, activate
from lesson.results import Run
from lesson.robustness import SIDE, cover
from lesson.words import sure

SIDES = (3, 5, 7, 9)  # odd, so that a patch has a pixel in its middle


@dataclass(frozen=True, eq=False)
class Occlusion:
    """What a network answers with the patch at each place; arrays ``(28, 28)``.

    A place is the pixel in the patch's middle; what of the patch would lie outside is cut off.

    Attributes:
        side: of the patch, in pixels.
        answer: to the digit as it is.
        sure: the probability of that answer.
        lead: how far its score, the sum before the softmax, is ahead of the next best.
        leads: the same with the patch there; below 0 another digit has overtaken it.
        chances: the probability of ``answer`` with the patch there.
        answers: what is answered with the patch there.
    """

    side: int
    answer: int
    sure: float
    lead: float
    leads: Float32
    chances: Float32
    answers: npt.NDArray[np.int64]

    @property
    def changes(self) -> Float32:
        """How far the lead grows (above 0) or shrinks (below) with the patch at each place."""
        return self.leads - np.float32(self.lead)

    @property
    def worst(self) -> tuple[int, int]:
        """Row and column of the place that hurts most."""
        row, column = np.unravel_index(int(self.leads.argmin()), self.leads.shape)
        return int(row), int(column)

    @property
    def lost(self) -> int:
        """At how many places the answer is another one."""
        return int((self.answers != self.answer).sum())


def box(place: tuple[int, int], side: int) -> tuple[int, int, int, int]:
    """The pixels under a patch with its middle at ``place``: top, left, bottom, right, half-open.

    >>> box((10, 1), 5)
    (8, 0, 13, 4)
    """
    row, column = place
    half = side // 2
    return (
        max(row - half, 0),
        max(column - half, 0),
        min(row + half + 1, SIDE),
        min(column + half + 1, SIDE),
    )


def occlude(run: Run, picture: Float32, side: int = 5) -> Occlusion:
    """Slide a patch of paper over ink ``(28, 28)`` and ask the network at every place.

    A copy on which the patch covers no ink is the digit itself and is not asked again: a digit
    takes 200 to 400 answers, not 784.

    Args:
        run: whose network.
        picture: the digit.
        side: of the patch in pixels, odd.

    Raises:
        ValueError: the run was kept without its network.
    """
    framed = np.pad(picture, side // 2)
    places = np.argwhere(sliding_window_view(framed, (side, side)).any(axis=(2, 3)))
    top, left = (places - side // 2).T
    copies = cover(np.broadcast_to(picture, (len(places), SIDE, SIDE)), side, top, left)
    asked = scores(run, np.concatenate([picture[None], copies]))
    found = np.repeat(asked[:1], SIDE * SIDE, axis=0)
    found[places @ (SIDE, 1)] = asked[1:]
    answer = int(asked[0].argmax())
    others = np.delete(found, answer, axis=1).max(axis=1)
    unhurt = float(asked[0, answer] - np.delete(asked[0], answer).max())
    shape = (SIDE, SIDE)
    return Occlusion(
        side=side,
        answer=answer,
        sure=float(activate(asked[0], "softmax")[answer]),
        lead=unhurt,
        leads=(found[:, answer] - others).reshape(shape),
        chances=activate(found, "softmax")[:, answer].reshape(shape),
        answers=found.argmax(axis=1).reshape(shape),
    )


def told(found: Mapping[str, Occlusion]) -> list[str]:
    """For each run in a sentence where the patch hurts most, and what it does there."""
    return [f"**{name}** {_one(each)}" for name, each in found.items()]


def _one(found: Occlusion) -> str:
    row, column = found.worst
    before, after = sure(found.sure), sure(float(found.chances[row, column]))
    least, now = float(found.leads[row, column]), int(found.answers[row, column])
    if least >= found.lead or f"{least:.1f}" == f"{found.lead:.1f}":
        return f"is hurt nowhere: it answers {found.answer}, {before} sure, whatever is covered."
    chance = f"stays {after}" if before == after else f"goes from {before} to {after}"
    text = (
        f"is hit hardest at row {row}, column {column}: its lead goes from {found.lead:.1f} to "
        f"{signed(least, 1)}, the probability of {found.answer} {chance}"
    )
    if now != found.answer:
        text += f", and it answers {now}"
    if not found.lost:
        return f"{text}. No place changes its answer."
    places = "1 place" if found.lost == 1 else f"{found.lost} places"
    changes = "changes" if found.lost == 1 else "change"
    return f"{text}. In all, {places} of {found.answers.size} {changes} its answer."
