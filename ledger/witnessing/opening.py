"""Opening addresses: only those that were named, and no others to which they point."""

import urllib.request
from typing import Final


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_named: object) -> None:
        """Ask nobody but who was named."""


OPENER: Final = urllib.request.build_opener(_NoRedirect)
"""Opens http and https; a redirection is an answer like any other that is not 200."""

SCHEMES: Final = ("http://", "https://")
