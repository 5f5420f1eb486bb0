"""What goes to the browser as a script or a style sheet, without what only its readers need."""

from __future__ import annotations

import re


def lean(source: str) -> str:
    r"""Source without indentation and lines of comment.

    >>> lean("// the idea\nif (a) {\n  b();\n}\n")
    'if (a) {\nb();\n}'
    >>> lean("/* the idea,\n   in two lines */\nhtml { color: red; }\n")
    'html { color: red; }'
    """
    source = re.sub(r"(?m)^\s*/\*.*?\*/\s*?$", "", source, flags=re.S)
    lines = (line.strip() for line in source.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
