from __future__ import annotations

from pathlib import Path

from fakes.marketo.coverage import document

DOCUMENT = Path(__file__).parents[3] / "docs" / "marketo-coverage.md"


def test_the_document_says_what_the_code_does():
    assert DOCUMENT.read_text() == document(), "python -m fakes.marketo.coverage > docs/marketo-coverage.md"
