"""The default backend: NATS with JetStream as the stored log, one broker-checked identity for each source."""

from practicum.bus.nats.admin import create_mailbox, create_stream, mailbox_name, stream_name
from practicum.bus.nats.bus import NatsBus, connect_nats
from practicum.bus.nats.credentials import Renew

__all__ = ["NatsBus", "Renew", "connect_nats", "create_mailbox", "create_stream", "mailbox_name", "stream_name"]
