"""What a handler returns, as the answer that alertstreams reads."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple, Union

Bytes = (bytes, bytearray, memoryview)
Text = Union[str, bytes]
Headers = Union[Mapping[str, Optional[Text]], Iterable[Tuple[str, Optional[Text]]]]


@dataclass(frozen=True)
class Outgoing:
    """A message to publish: see `publish`."""

    fields: Mapping[str, Any]


#: Publishes the alert as it came: its bytes, key and headers.
REPUBLISH = Outgoing({"republish": True})


def publish(
    value: Any,
    *,
    key: Optional[Text] = None,
    topic: Optional[str] = None,
    sink: Optional[str] = None,
    headers: Optional[Headers] = None,
    partition: Optional[int] = None,
) -> Outgoing:
    """A message to publish. Bytes go out as they are, anything else as the sink writes it, which is JSON.

    key: under which it is published, else the KEY of the route decides. topic: else the sink's TOPIC.
    sink: a name in SINKS, else those of the route.
    """
    fields = _content(value)
    if key is not None:
        fields["key"] = _text(key)
    if headers is not None:
        pairs = headers.items() if isinstance(headers, Mapping) else headers
        fields["headers"] = [[name, _text(content)] for name, content in pairs]
    for name, given in (("topic", topic), ("sink", sink), ("partition", partition)):
        if given is not None:
            fields[name] = given
    return Outgoing(fields)


def answer(result: Any) -> Dict[str, Any]:
    """What a handler returned: nothing, a value, `publish(...)`, `REPUBLISH`, or a list of these."""
    items = result if isinstance(result, (list, tuple)) else [result]
    return {"publish": [_item(one) for one in items if one is not None]}


def dumps(value: Any) -> bytes:
    """A line of JSON; numpy's numbers and arrays are plain ones."""
    return json.dumps(value, default=_plain, separators=(",", ":")).encode() + b"\n"


def _item(value: Any) -> Mapping[str, Any]:
    return value.fields if isinstance(value, Outgoing) else _content(value)


def _content(value: Any) -> Dict[str, Any]:
    return _base64(value) if isinstance(value, Bytes) else {"value": value}


def _text(value: Optional[Text]) -> Any:
    return _base64(value) if isinstance(value, Bytes) else value


def _base64(value: Any) -> Dict[str, Any]:
    return {"base64": base64.b64encode(value).decode()}


def _plain(value: Any) -> Any:
    """What `json` has no type for."""
    if isinstance(value, Bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, date):  # datetime is one, and so is a Timestamp of pandas
        return value.isoformat()
    for method in ("tolist", "item"):
        if callable(getattr(value, method, None)):
            plain = getattr(value, method)()
            if type(plain) is not type(value):
                return plain
    raise TypeError(f"{type(value).__name__} has no JSON: return plain numbers, texts, lists and dicts")
