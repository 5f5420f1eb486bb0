from __future__ import annotations
from typing import Any
def test_x(open_page: Any) -> None:
    app = open_page("inside-a-cnn")
    print(app.exception, app.title, [m.value[:90] for m in app.markdown][:8])
    assert 0
