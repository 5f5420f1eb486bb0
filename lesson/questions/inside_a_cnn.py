"""What one predicts on the inside a cnn page."""

from __future__ import annotations

from lesson.questions.question import Question

QUESTIONS: tuple[Question, ...] = ()
