"""One conversation with one git server: https only, token in memory only, able to stop."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from threading import Event
from typing import Literal, NoReturn
from urllib.parse import urlsplit

import pygit2
from pygit2.enums import CredentialType
from pygit2.remotes import PushUpdate, TransferProgress

from executor.events import Sha
from executor.git.errors import (
    BadToken,
    Cancelled,
    GitError,
    RefMoved,
    RemoteRefused,
    Unreachable,
    UnsafeUrl,
)

_ABSENT = "0" * 40
_STATUS = re.compile(r"unexpected http status code: (\d{3})")


@dataclass(frozen=True)
class Terms:
    """How much a server may send."""

    received_bytes: int = 4 << 30


class Conversation:
    """Fetching from and pushing to one address, which is never written into a configuration."""

    def __init__(
        self,
        repository: pygit2.Repository,
        url: str,
        token: str | None,
        terms: Terms | None = None,
        cancel: Event | None = None,
    ) -> None:
        self._host = _host(url)
        self._proxy: Literal[True] | None = None if _is_loopback(self._host) else True
        self._remote = repository.remotes.create_anonymous(url)
        if self._remote.url != url:
            raise UnsafeUrl("the mirror's configuration redirects its remote")
        self._token, self._terms, self._cancel = token, terms or Terms(), cancel

    def heads(self) -> dict[str, Sha]:
        """Every ref the server shows, hidden ones included. The connection stays open."""
        with _translated():
            found = self._remote.list_heads(callbacks=self._callbacks(), proxy=self._proxy)
        return {head.name: Sha(str(head.oid)) for head in found if head.name}

    def fetch(self, refspecs: Sequence[str]) -> None:
        """Bring in exactly these; the server is not asked for anything if there are none."""
        if not refspecs:
            return
        with _translated():
            self._remote.fetch(list(refspecs), callbacks=self._callbacks(), proxy=self._proxy)

    def push(self, refspec: str, ref: str, *, expect: Sha | None, to: Sha | None) -> None:
        """Update one ref, only from `expect`. Already being at `to` counts as done."""
        callbacks = _Pushing(self._host, self._token, self._terms, self._cancel)
        callbacks.lease(ref, expect, to)
        try:
            with _translated():
                self._remote.push([refspec], callbacks=callbacks, proxy=self._proxy)
        except _Settled:
            return
        callbacks.judge()

    def _callbacks(self) -> "_Calls":
        return _Calls(self._host, self._token, self._terms, self._cancel)


class _Settled(Exception):
    """The ref is already where it should be, so nothing needs to be sent."""


class _Calls(pygit2.RemoteCallbacks):
    def __init__(self, host: str, token: str | None, terms: Terms, cancel: Event | None) -> None:
        super().__init__()
        self._host, self._token, self._terms, self._cancel = host, token, terms, cancel
        self._asked = 0

    def credentials(
        self,
        url: str,
        username_from_url: str | None,  # noqa: ARG002
        allowed_types: CredentialType,  # noqa: ARG002
    ) -> pygit2.UserPass:
        # A refused token is asked for again without end.
        self._asked += 1
        if self._token is None or self._asked > 1:
            raise BadToken("the server does not accept the token")
        if _host(url) != self._host:
            raise BadToken("the token was asked for by another host")
        return pygit2.UserPass("x-access-token", self._token)

    def transfer_progress(self, stats: TransferProgress) -> None:
        self._stop_if_asked()
        if stats.received_bytes > self._terms.received_bytes:
            raise RemoteRefused("the repository is larger than may be fetched")

    def sideband_progress(self, string: str) -> None:  # noqa: ARG002
        self._stop_if_asked()

    def _stop_if_asked(self) -> None:
        if self._cancel is not None and self._cancel.is_set():
            raise Cancelled("stopped")


class _Pushing(_Calls):
    """The lease: the server's current id is compared before anything is sent, and by the server
    again, to which the old id also goes."""

    def lease(self, ref: str, expect: Sha | None, to: Sha | None) -> None:
        self._ref, self._expect, self._to = ref, expect, to
        self._answers: dict[str, str | None] = {}
        self._said: list[str] = []

    def sideband_progress(self, string: str) -> None:
        super().sideband_progress(string)
        self._said.append(string)

    def push_negotiation(self, updates: list[PushUpdate]) -> None:
        found = {update.dst_refname: str(update.src) for update in updates}.get(self._ref)
        at = None if found in (None, _ABSENT) else Sha(str(found))
        if at == self._to:
            raise _Settled
        if at != self._expect:
            raise RefMoved(self._ref, self._expect, at)

    def push_update_reference(self, refname: str, message: str | None) -> None:
        self._answers[refname] = message

    def judge(self) -> None:
        """A declined hook does not raise: success is a report for our ref without a word."""
        if self._ref not in self._answers:
            raise RemoteRefused("".join(self._said).strip() or "the server did not report the ref")
        word = self._answers[self._ref]
        if word is not None:
            told = "".join(self._said).strip()
            raise RemoteRefused(f"{word}: {told}" if told else word)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except GitError:
        raise
    except pygit2.GitError as error:
        _raise(error)


def _raise(error: Exception) -> NoReturn:
    words = str(error)
    status = _STATUS.search(words)
    code = int(status.group(1)) if status else 0
    if code == 401 or "authentication" in words:
        raise BadToken("the server does not accept the token") from error
    if 400 <= code < 500:
        raise RemoteRefused(f"the server answered {code}") from error
    raise Unreachable(words) from error


def _host(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.username or parts.password:
        raise UnsafeUrl("an address must not hold credentials")
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)):
        return f"{host}:{parts.port or 443}"
    raise UnsafeUrl(f"{parts.scheme or 'no scheme'}: only https is spoken")


def _is_loopback(host: str) -> bool:
    name = host.rsplit(":", 1)[0] if host.count(":") == 1 else host
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
