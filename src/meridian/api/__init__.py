"""Management over HTTP and WebSocket: a FastAPI application and the server that carries it.

Knows commands and replies, not what carries them out: that is a ``Desk``.
May import: management, schema and what is below. No venue, no FIX session.
"""

from meridian.api.access import Role, Tokens
from meridian.api.app import build_app
from meridian.api.desk import Desk
from meridian.api.server import ApiServer

__all__ = ["ApiServer", "Desk", "Role", "Tokens", "build_app"]
