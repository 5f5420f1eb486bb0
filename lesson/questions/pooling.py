"""What one predicts on the pooling page."""

from __future__ import annotations

from lesson.questions.question import Question

QUESTIONS: tuple[Question, ...] = ()
