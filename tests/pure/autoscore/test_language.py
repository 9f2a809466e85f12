"""The rules abstain where either side speaks a language that they do not know, whatever is declared."""

from datetime import UTC, datetime

import pytest

from scorecards.autoscore.engine import shared_annotator
from scorecards.definitions.conversation import Conversation, Turn

ANNOTATOR = shared_annotator()
ASKED = ("customer", "Where is my order? I have been waiting for a week now.")


def is_known(*turns, language="en"):
    said = [Turn(speaker, text) for speaker, text in turns]
    conversation = Conversation("chat", said, datetime(2026, 1, 5, tzinfo=UTC), language=language)
    return ANNOTATOR.annotate(conversation).is_known_language


@pytest.mark.parametrize(
    "text",
    [
        "您好，请问有什么可以帮您？",
        "お問い合わせありがとうございます。",
        "안녕하세요, 무엇을 도와드릴까요?",
        "Здравствуйте! Чем могу помочь?",
        "مرحبا، كيف يمكنني مساعدتك؟",
        "שלום, איך אפשר לעזור?",
        "สวัสดีค่ะ",
        "Γεια σας, πώς μπορώ να βοηθήσω;",
        "नमस्ते, मैं आपकी क्या मदद कर सकता हूँ?",
        "Guten Tag, wie kann ich Ihnen helfen?",
        "Bonjour, je vais vous aider.",
        "Hola, buenos días. ¿En qué puedo ayudarle?",
        "Olá, bom dia! Como posso ajudar você?",
        "Buongiorno, sono Ana. Come posso aiutarla con questo?",
        "Goedemorgen, waarmee kan ik u helpen?",
        "Dzień dobry, w czym mogę pomóc?",
        "Hej, hur kan jag hjälpa dig?",
        "Merhaba, size nasıl yardımcı olabilirim? Teşekkür ederim.",
    ],
)
@pytest.mark.parametrize("asked", [ASKED, None])
def test_another_language_of_the_agent_is_noticed(text, asked):
    assert not is_known(*filter(None, [asked, ("agent", text)]))


@pytest.mark.parametrize(
    "text",
    [
        "Hello! Thank you for waiting, I will look for it.",
        "ok",
        "👍",
        "...",
        "https://example.com/help",
        "Rua das Flores 14.",
        "Order 4711, Müller, São Paulo: sent.",
        "It was delivered to 東京 yesterday.",
        "Danke for waiting, I have found it for you.",
        "Done.",
        "",
    ],
)
def test_english_with_a_few_foreign_words_stays_english(text):
    assert is_known(ASKED, ("agent", text))


def test_a_declared_language_that_is_not_known_is_believed():
    assert not is_known(ASKED, ("agent", "Hello there, how are you?"), language="de")


def test_another_language_of_the_customer_is_noticed():
    assert not is_known(("customer", "我的订单在哪里？"), ("agent", "Hello! Let me look for it."))
