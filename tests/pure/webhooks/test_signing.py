"""Signatures are those of Standard Webhooks, and retries follow its schedule."""

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from qm.webhooks import signing
from qm.webhooks.models import Webhook
from qm.webhooks.retry_schedule import RETRY_DELAYS, is_given_up, next_attempt

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
KEY = "a secret key of more than thirty-two characters"


def test_the_published_vector():
    """The example that the libraries of Standard Webhooks are tested with."""
    sent_at = datetime.fromtimestamp(1614265330, UTC)
    headers = signing.signed_headers(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        sent_at,
    )

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_both_secrets_sign_while_one_is_rotated_and_each_verifies_alone():
    old, new = signing.new_secret(), signing.new_secret()
    webhook = Webhook(
        secret=signing.sealed(KEY, new),
        previous_secret=signing.sealed(KEY, old),
        previous_until=NOW + timedelta(hours=24),
    )
    body = signing.body_of("webhook.test", NOW, {"name": "Grüße", "id": uuid.uuid4()})
    now = datetime.now(UTC)
    headers = signing.signed_headers(signing.secrets_of(KEY, webhook, NOW), uuid.uuid4(), body, now)

    assert signing.secrets_of(KEY, webhook, NOW) == [new, old]
    assert signing.secrets_of(KEY, webhook, NOW + timedelta(hours=24)) == [new]
    for secret in (old, new):
        assert Verifier(secret).verify(body, headers) == json.loads(body)
    for wrong in (
        lambda: Verifier(signing.new_secret()).verify(body, headers),
        lambda: Verifier(new).verify(body + b" ", headers),
        lambda: Verifier(new).verify(body, headers | {"webhook-id": str(uuid.uuid4())}),
    ):
        with pytest.raises(WebhookVerificationError):
            wrong()
    assert new.encode() not in webhook.secret
    assert len({signing.new_secret() for _ in range(50)}) == 50


def test_a_body_is_the_same_bytes_in_whatever_order_it_was_kept():
    there, back = {"b": 1, "a": {"d": None, "c": 2.5}}, {"a": {"c": 2.5, "d": None}, "b": 1}

    assert signing.body_of("t", NOW, there) == signing.body_of("t", NOW, back)
    assert json.loads(signing.body_of("t", NOW, there))["timestamp"] == "2026-12-01T09:00:00Z"


def test_ten_attempts_in_just_over_three_days():
    waits = [next_attempt(number, NOW) for number in range(1, 11)]

    assert [each - NOW for each in waits[:-1]] == list(RETRY_DELAYS)
    assert waits[-1] is None
    assert sum(RETRY_DELAYS, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)
    assert not is_given_up(NOW, NOW + timedelta(days=4, hours=23))
    assert is_given_up(NOW, NOW + timedelta(days=5))
