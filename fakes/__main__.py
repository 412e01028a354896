"""``python -m fakes`` is the ``fakes`` command."""

from __future__ import annotations

from fakes.cli import main

if __name__ == "__main__":
    main()
