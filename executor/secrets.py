"""Secrets recognised by their shape, so that none leaves in a commit or a comment."""

import re
from collections.abc import Iterator

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "private key",
            r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\s:,.\\-]{40,}?"
            r"(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|\Z)",
        ),
        ("GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,255})\b"),
        ("GitHub token", r"\bghs_[A-Za-z0-9_.\-]{36,600}"),
        ("Anthropic key", r"\bsk-ant-[A-Za-z0-9_\-]{24,}"),
        ("OpenAI key", r"\bsk-(?:proj|svcacct|admin)-[A-Za-z0-9_\-]{24,}"),
        ("API key", r"\bsk-(?:or-v1-)?[A-Za-z0-9]{32,}\b"),
        ("AWS access key", r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
        ("Google API key", r"\bAIza[A-Za-z0-9_\-]{35}(?![A-Za-z0-9_\-])"),
        ("Slack token", r"\bxox[abeoprs]-[A-Za-z0-9\-]{20,}"),
        ("Stripe key", r"\b[rs]k_live_[A-Za-z0-9]{20,}\b"),
        ("GitLab token", r"\bglpat-[A-Za-z0-9_\-]{20,}"),
        ("npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
        ("PyPI token", r"\bpypi-AgEI[A-Za-z0-9_\-]{50,}"),
        ("Hugging Face token", r"\bhf_[A-Za-z0-9]{34,}\b"),
        ("xAI key", r"\bxai-[A-Za-z0-9]{40,}\b"),
        ("Groq key", r"\bgsk_[A-Za-z0-9]{40,}\b"),
        (
            "JSON web token",
            r"\beyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{16,}",
        ),
        (
            # Only with a host of the outside world: everybody's compose file has one for `db`.
            "password in an address",
            r"\b[a-z][a-z0-9+.\-]{1,20}://[^\s:/@'\"<>{}$]{1,80}:[^\s:/@'\"<>{}$]{8,200}"
            r"@(?=[A-Za-z0-9.\-]{1,200}\.[A-Za-z])(?![^\s/]{0,200}example\.)",
        ),
    )
)


def find(text: str) -> list[str]:
    """The kinds of secret in it, each once, in the order of the patterns."""
    return list(dict.fromkeys(name for name, pattern in _PATTERNS if pattern.search(text)))


def added(before: str, after: str) -> list[str]:
    """The kinds of secret that `after` holds and `before` did not."""
    had = set(_occurrences(before))
    new = (kind for kind, secret in _occurrences(after) if (kind, secret) not in had)
    return list(dict.fromkeys(new))


def redact(text: str) -> str:
    """The text with each secret replaced by its kind."""
    for name, pattern in _PATTERNS:
        text = pattern.sub(f"[{name} removed]", text)
    return text


def _occurrences(text: str) -> Iterator[tuple[str, str]]:
    for name, pattern in _PATTERNS:
        yield from ((name, match.group()) for match in pattern.finditer(text))
