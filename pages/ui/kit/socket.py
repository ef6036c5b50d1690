"""What socket.js, the WebSocket client of the live components, is told of its route."""

from pages.ui.words import _

SOCKET = "kit/socket"  # the part that a component builds on that asks or listens


def channel(path: str) -> dict:
    """What `openAsker` and `openStream` take as their channel.

    Args:
        path: Where the route listens, as it is named in `app.py`.
    """
    return {
        "path": f"live{path}",
        "words": {
            "lost": _("The connection is lost. Trying again …"),
            "gone": _("This is no longer on the server."),
        },
    }
