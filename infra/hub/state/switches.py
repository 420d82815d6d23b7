"""GitHub's habits that a test may turn on, off, or make quicker to reach."""

from dataclasses import dataclass


@dataclass
class Switches:
    token_seconds: float = 3600
    hook_timeout_seconds: float = 10
    largest_payload_bytes: int = 25 * 1024 * 1024  # what is larger is never sent
    primary_limit: int = 5000
    content_per_minute: int | None = None  # GitHub's is about 80
    content_per_hour: int | None = None  # GitHub's is about 500
    mergeable_after_reads: bool = True  # `mergeable` is null on the first look
    head_lag_seconds: float = 0  # a pushed head stays unknown to pulls for so long
    largest_file_bytes: int = 100 * 1024 * 1024
    link_without_last: bool = False  # `rel="last"` may be missing
