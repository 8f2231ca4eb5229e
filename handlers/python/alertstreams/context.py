"""What a handler is told beside the alert."""

from __future__ import annotations

import base64
import logging
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, Sequence, Tuple, Union

#: Bytes of a message as text where they are UTF-8.
Text = Union[str, bytes, None]


@dataclass(frozen=True)
class Context:
    """The message that an alert came in, and the route's options."""

    #: The route's OPTIONS.
    options: Mapping[str, Any] = field(default_factory=dict)
    #: The ID of the stream that read it.
    stream: str = ""
    topic: str = ""
    #: Names the message within its source, the same on every redelivery.
    id: str = ""
    #: Kafka only.
    partition: Optional[int] = None
    #: Kafka only, decimal digits.
    offset: Optional[str] = None
    key: Text = None
    #: Ordered, names may repeat.
    headers: Sequence[Tuple[str, Text]] = ()
    #: When the source says it was published: ISO 8601, UTC.
    published_at: Optional[str] = None
    #: Writes to the log of alertstreams.
    log: logging.Logger = logging.getLogger("alertstreams")

    @classmethod
    def of(cls, request: Mapping[str, Any]) -> Context:
        """The context of a request, as alertstreams writes it."""
        message = request["message"]
        return cls(
            options=request["options"],
            stream=message["stream"],
            topic=message["topic"],
            id=message["id"],
            partition=message.get("partition"),
            offset=message.get("offset"),
            key=_text(message["key"]),
            headers=[(name, _text(value)) for name, value in message["headers"]],
            published_at=message.get("publishedAt"),
        )


def _text(value: Any) -> Text:
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value
