"""The one set of table definitions; each store module declares its tables on it."""

from sqlalchemy import MetaData

__all__ = ["METADATA"]

METADATA = MetaData()
