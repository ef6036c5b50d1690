"""Questions that check themselves by running the library, one module a Learn page."""
