"""The one kind of error that a reader may see."""


class LessonError(ValueError):
    """An error whose message is written for the reader.

    The message states the rule, what was received, and what to do. Pages show
    it as it is; anything else that escapes is a defect.
    """
