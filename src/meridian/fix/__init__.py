"""FIX without I/O: scanner, messages, the session state machine, the message-store protocol.

May import: schema, native. Bytes from a peer never raise out of this room.
"""
