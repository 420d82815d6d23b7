"""What may come in: the signature over the raw bytes, then an envelope and no more."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

import msgspec

from bot.store.deliveries import NewDelivery
from bot.store.ids import Guid, InstallationId, RepositoryId

# GitHub sends no payload that is larger.
MAX_BODY_BYTES = 25 * 1024 * 1024
_GUID = re.compile(r"[A-Za-z0-9-]{1,64}")
_WORD = re.compile(r"[a-z0-9_]{1,64}")
_MAX_ID = 2**63 - 1


class BadEnvelope(Exception):
    """Not something that GitHub sends; the text says why."""


class _Numbered(msgspec.Struct):
    id: int | None = None


class _Envelope(msgspec.Struct):
    action: str | None = None
    repository: _Numbered | None = None
    installation: _Numbered | None = None


_DECODER = msgspec.json.Decoder(_Envelope)


def verify(secrets: Sequence[bytes], body: bytes, signature: str | None) -> bool:
    """Whether one of the secrets signed exactly these bytes. Every secret is tried, so that the
    time taken does not tell which one fits."""
    given = (signature or "").encode()
    fits = [hmac.compare_digest(_signature(secret, body), given) for secret in secrets]
    return any(fits)


def envelope(headers: Mapping[str, str], body: bytes) -> NewDelivery:
    """The few fields that ingest needs; everything else is parsed by whoever handles it."""
    guid, event = headers.get("x-github-delivery", ""), headers.get("x-github-event", "")
    if not _GUID.fullmatch(guid):
        raise BadEnvelope("X-GitHub-Delivery is missing or malformed")
    if not _WORD.fullmatch(event):
        raise BadEnvelope("X-GitHub-Event is missing or malformed")
    payload = _payload(headers.get("content-type", ""), body)
    known = _decoded(payload)
    return NewDelivery(
        guid=Guid(guid),
        event=event,
        action=_action(known.action),
        repository_id=_repository(known.repository),
        installation_id=_installation(known.installation),
        payload=payload,
    )


def _signature(secret: bytes, body: bytes) -> bytes:
    return b"sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest().encode()


def _payload(content_type: str, body: bytes) -> bytes:
    """The JSON, also when the webhook is set to send a form; the signature is over the form."""
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        return body
    values = parse_qs(body, max_num_fields=10).get(b"payload", [])
    if len(values) != 1:
        raise BadEnvelope("the form has no payload")
    return values[0]


def _decoded(payload: bytes) -> _Envelope:
    try:
        return _DECODER.decode(payload)
    except msgspec.ValidationError:
        # JSON, in a shape of tomorrow: keep it, and let the handler shrug.
        return _Envelope()
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadEnvelope("the payload is not JSON") from error


def _action(found: str | None) -> str | None:
    return found if found is not None and _WORD.fullmatch(found) else None


def _repository(found: _Numbered | None) -> RepositoryId | None:
    number = _number(found)
    return None if number is None else RepositoryId(number)


def _installation(found: _Numbered | None) -> InstallationId | None:
    number = _number(found)
    return None if number is None else InstallationId(number)


def _number(found: _Numbered | None) -> int | None:
    """An id that a database can hold."""
    number = None if found is None else found.id
    return number if number is not None and 0 < number <= _MAX_ID else None
