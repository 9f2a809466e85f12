"""Brand voice of a client: tone, formality, phrases and examples (pure)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FORMALITIES = ("informal", "neutral", "formal")
CLAUSED = ("tone", "formality", "reading_level", "empathy_library", "examples")
"""Parts without a `clause` field of their own; the client may number them in `clauses`."""

_NOT_WORD = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Convention:
    """A greeting or sign-off: whether it is required, and the phrases that count as one."""

    required: bool = False
    phrases: tuple[str, ...] = ()
    clause: str | None = None

    @classmethod
    def from_body(cls, body: Mapping[str, Any] | None) -> "Convention":
        """Build from the `greeting` or `sign_off` part; a missing part requires nothing."""
        given = body or {}
        return cls(bool(given.get("required", False)), tuple(given.get("phrases") or ()), given.get("clause"))


@dataclass(frozen=True, slots=True)
class PreferredPhrase:
    """A phrase that agents should use, optionally instead of another one."""

    clause: str
    phrase: str
    instead_of: str | None = None


@dataclass(frozen=True, slots=True)
class BannedPhrase:
    """A phrase that agents must not use, and why."""

    clause: str
    phrase: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BrandVoice:
    """The brand voice of one client.

    Attributes
    ----------
    reading_level : float or None
        Highest US school grade that readers should need; None for no requirement.
    empathy_library : mapping of str to tuple of str
        Validating phrases by emotion.
    clauses : mapping of str to str
        Clause numbers of the parts in `CLAUSED`.
    """

    tone: tuple[str, ...] = ()
    formality: str = "neutral"
    reading_level: float | None = None
    greeting: Convention = Convention()
    sign_off: Convention = Convention()
    preferred: tuple[PreferredPhrase, ...] = ()
    banned: tuple[BannedPhrase, ...] = ()
    empathy_library: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    good_examples: tuple[str, ...] = ()
    bad_examples: tuple[str, ...] = ()
    clauses: Mapping[str, str] = field(default_factory=dict, hash=False)

    def clause_of(self, part: str, *within: str) -> str:
        """Return the reference of a part: the client's clause number, or else its path.

        Examples
        --------
        >>> BrandVoice(clauses={"tone": "BV-2"}).clause_of("tone", "warm")
        'BV-2'
        >>> BrandVoice().clause_of("empathy_library", "Fear of loss")
        'brand_voice/empathy_library/fear_of_loss'
        """
        own = {"greeting": self.greeting.clause, "sign_off": self.sign_off.clause}.get(part)
        if given := own or self.clauses.get(part):
            return given
        return "/".join(("brand_voice", part, *(_NOT_WORD.sub("_", each.strip().lower()) for each in within)))

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> "BrandVoice":
        """Build from a validated brand voice body; absent parts require nothing."""
        examples = body.get("examples") or {}
        return cls(
            tone=tuple(body.get("tone") or ()),
            formality=body.get("formality") or "neutral",
            reading_level=body.get("reading_level"),
            greeting=Convention.from_body(body.get("greeting")),
            sign_off=Convention.from_body(body.get("sign_off")),
            preferred=tuple(
                PreferredPhrase(each["clause"], each["phrase"], each.get("instead_of"))
                for each in body.get("preferred") or ()
            ),
            banned=tuple(
                BannedPhrase(each["clause"], each["phrase"], each.get("reason") or "")
                for each in body.get("banned") or ()
            ),
            empathy_library={
                emotion: tuple(phrases) for emotion, phrases in (body.get("empathy_library") or {}).items()
            },
            good_examples=tuple(examples.get("good") or ()),
            bad_examples=tuple(examples.get("bad") or ()),
            clauses=dict(body.get("clauses") or {}),
        )
