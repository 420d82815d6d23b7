"""Secrets are known by their shape, named by their kind and never repeated."""

import time

import pytest

from executor.secrets import added, find, redact

# Put together here, so that no scanner takes this file for a leak.
SAMPLES = {
    "GitHub token": "ghp_" + "aB3" * 12,
    "Anthropic key": "sk-ant-api03-" + "Zz9_" * 10,
    "OpenAI key": "sk-proj-" + "aB3-" * 12,
    "API key": "sk-" + "a1B2" * 12,
    "AWS access key": "AKIA" + "ABCDEFGH23456723",
    "Google API key": "AIza" + "Sy4_-" * 7,
    "Slack token": "xoxb-" + "1234567890-" * 3,
    "Stripe key": "sk_live_" + "4eC39HqLyjWDarjtT1zd",
    "npm token": "npm_" + "aB3d" * 9,
    "JSON web token": ".".join(
        ("eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0In0", "dBjftJeZ4CVP-mB92")
    ),
    "password in an address": "postgres://shop:" + "s3cretw0rd" + "@db.acme.io",
    "private key": "-----BEGIN RSA PRIVATE "
    + "KEY-----\n"
    + "MIIEpAIBAAKCAQEA\n" * 5
    + "-----END RSA PRIVATE "
    + "KEY-----",
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_secret_is_found_and_taken_out(kind: str) -> None:
    text = f"before {SAMPLES[kind]} after"
    assert find(text) == [kind]
    assert f"[{kind} removed]" in redact(text)
    assert SAMPLES[kind] not in redact(text)
    assert find(redact(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sk-learn is a library, and so is risk-assessment-framework-of-the-year-2026",
        "commit fa5de10c3b2a1d0e9f8a7b6c5d4e3f2a1b0c9d8e",
        "https://github.com/acme/shop/pull/12?token=abc",
        "ghp_short",
        "postgres://user:${PASSWORD}@localhost/shop",
        "http://localhost:8000/a@b",
        "postgres://postgres:postgres@db:5432/shop",
        "https://user:longpassword@git.example.com/x",
        "-----BEGIN PRIVATE KEY----- goes here",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n",
    ],
)
def test_what_only_looks_like_one_stays(text: str) -> None:
    assert find(text) == []
    assert redact(text) == text


def test_only_a_new_secret_counts() -> None:
    old, new = SAMPLES["GitHub token"], "ghp_" + "xY7" * 12
    assert added(old, f"{old} moved") == []
    assert added(old, f"{old} {new}") == ["GitHub token"]


def test_a_large_text_takes_no_time() -> None:
    start = time.process_time()
    assert find("eyJ-sk-a1b2:c3d4/" * 60_000) == []
    assert time.process_time() - start < 5
