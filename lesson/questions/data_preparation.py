"""What one predicts on the data preparation page."""

from __future__ import annotations

from lesson.questions.question import Question

QUESTIONS: tuple[Question, ...] = ()
