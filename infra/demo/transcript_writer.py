"""Writes an interaction down: who says what in which turn, and where the agent's acts show."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from infra.demo.agent_behaviour import AgentBehaviour, DemoCase
from infra.demo.layout import Act, ended, joined, letter
from infra.demo.people import TEST_CARDS, typed
from infra.demo.phrase_book import Facts, PhraseBook, pick, say, sayable

_HEARD_ONLY = frozenset({"occasion", "occasion_c"})
_HEARD = _HEARD_ONLY | {"place", "size", "other", "past", "days"}
_KNOWN = frozenset({"content", "relieved"})


@dataclass(slots=True)
class Transcript:
    """Turns as (speaker, text), the first turn of each act, and how the customer leaves."""

    turns: list[tuple[str, str]] = field(default_factory=list)
    acts: dict[str, int] = field(default_factory=dict)
    leaves: str = "content"
    solved_at: int | None = None

    def add(self, speaker: str, text: str, acts: Sequence[Act] = ()) -> None:
        """Add a turn, unless there is nothing to say."""
        if text.strip():
            self.turns.append((speaker, text))
            for name, _ in acts:
                self.acts.setdefault(name, len(self.turns) - 1)


class TranscriptWriter:
    """Writes one case down."""

    def __init__(self, book: PhraseBook, case: DemoCase, conduct: AgentBehaviour, rng: Random) -> None:
        """Keep what there is to tell."""
        self._book, self._case, self._conduct, self._rng = book, case, conduct, rng
        self._script = Transcript()
        self._mail = case.channel == "email"
        self._told = ""
        self._asked = 0

    def write(self) -> Transcript:
        """Return the whole conversation."""
        self._script.leaves = self._leaving()
        if self._mail:
            self._letters()
        else:
            self._talk()
        return self._script

    def _letters(self) -> None:
        case, conduct = self._case, self._conduct
        self._customer([*self._problem(), *self._reachable(0.3)], ends=True)
        if conduct.asks and not case.story.praise:
            self._agent([*self._receiving(), *self._ending(short=True)])
            self._customer([*self._answering(), *self._reachable(0.2)], ends=True)
            self._agent([*self._hello(), *self._resolving(), *self._following(), *self._ending()])
        else:
            self._agent([*self._receiving(), *self._resolving(), *self._following(), *self._ending()])
        self._script.solved_at = len(self._script.turns) - 1
        if self._rng.random() < 0.45:
            self._customer([self._word(self._script.leaves)])

    def _talk(self) -> None:
        case, rng = self._case, self._rng
        greeted = False
        if case.channel == "voice" or (case.channel == "chat" and rng.random() < 0.35):
            self._script.add("bot", pick(rng, self._book.agent["bot"]))
            self._customer([self._line("ivr")])
            if case.channel == "chat":
                self._script.add("system", f"{case.agent.name} joined the chat.")
            greeting = self._hello()
            self._agent(greeting)
            greeted = any(text for _, text in greeting)
        self._customer(self._problem())
        self._agent(self._receiving(greeted=greeted))
        self._customer([*self._answering(), *self._reachable(0.2)])
        self._agent(self._resolving())
        if rng.random() < 0.55 and not case.story.praise:
            self._customer([self._word("push" if self._script.leaves in _KNOWN else "push_hard")])
        self._agent(self._following())
        self._customer([self._word(self._script.leaves)])
        self._agent([*self._unless_said("anything_else", 0.2), *self._ending()])
        self._script.solved_at = len(self._script.turns) - 1
        if rng.random() < 0.15 and case.channel == "chat":
            self._customer([pick(rng, ("Bye!", "You too, bye", "Bye", "Cheers, you too"))])

    def _problem(self) -> list[str]:
        case, rng = self._case, self._rng
        words = [joined(self._hail(), self._line("problem"))]
        if case.feeling:
            words.append(say(rng, self._book.feeling[case.mood][str(case.strength)], case.facts))
        if case.told_need:
            words.append(self._line("need"))
        if case.repeat:
            words.append(self._word("repeat"))
        if case.strength == 3 and rng.random() < 0.4:
            words.append(say(rng, self._book.feeling[case.mood]["3"], case.facts))
        return words

    def _hail(self) -> str:
        return say(self._rng, self._book.hello[self._case.channel], self._case.facts)

    def _answering(self) -> list[str]:
        words: list[str] = []
        if "verify" in self._script.acts and "verified" not in self._script.acts:
            self._script.acts["verified"] = len(self._script.turns)
            words.append(self._word_of_agent("verified", customer=True))
        if "ask" in self._script.acts:
            answers = self._case.story.lines["details"]
            words.append(say(self._rng, [answers[self._asked % len(answers)]], self._case.facts))
        return words or [self._word("waiting")]

    def _reachable(self, share: float) -> list[str]:
        if self._rng.random() >= share:
            return []
        if (
            self._case.story.failure
            and self._case.story.program in {"returns", "billing"}
            and self._rng.random() < 0.3
        ):
            facts = {**self._case.facts, "card": pick(self._rng, TEST_CARDS)}
            return [say(self._rng, self._book.customer["card"], facts)]
        return [self._word("reach_me")]

    def _hello(self) -> list[Act]:
        conduct = self._conduct
        if conduct.greets:
            greeting = say(self._rng, self._book.greet[self._case.channel], self._case.agent_facts)
            words = [("greet", greeting)]
            return [*words, *self._if(conduct.introduces, "introduce")]
        return [("plain_greet", self._word_of_agent("greet_none"))]

    def _receiving(self, *, greeted: bool = False) -> list[Act]:
        """The first answer: hearing, apologising, looking, asking."""
        conduct, case = self._conduct, self._case
        acts = [] if greeted else self._hello()
        acts += self._if(conduct.off_tone, "stiff")
        acts += self._if(conduct.canned and self._rng.random() < 0.6, "canned")
        if case.story.praise:
            warm = "praise" if conduct.skill > 0.4 else "praise_plain"
            return [*acts, (warm, self._word_of_agent(warm)), *self._asking()]
        if not conduct.validates_late:
            acts += self._hearing()
        acts += self._if(conduct.apologises, "apology")
        acts += self._if(conduct.verifies == "first", "verify")
        acts += self._story_if(conduct.looks, "look", "look")
        acts += self._if(conduct.holds, "hold")
        acts += self._asking()
        return acts or [("understanding", self._word_of_agent("understanding"))]

    def _asking(self) -> list[Act]:
        """Ask one of the story's questions; the answer of the same place goes with it."""
        if not self._conduct.asks:
            return []
        questions = self._case.story.lines["asks"]
        self._asked = int(self._rng.random() * len(questions))
        return [("ask", say(self._rng, [questions[self._asked]], self._case.agent_facts))]

    def _hearing(self) -> list[Act]:
        way = self._conduct.validates
        if way == "none":
            return []
        if way != "named":
            return [(way, self._word_of_agent(way))]
        facts = dict(self._case.agent_facts)
        plight = self._line("plight", agent=True)
        facts["plight"], facts["plight_c"] = plight[0].lower() + plight[1:], plight
        named = ("named", say(self._rng, self._book.named[self._case.mood], facts))
        also = self._rng.random() < 0.2
        return [("sympathy", self._word_of_agent("sympathy")), named] if also else [named]

    def _resolving(self) -> list[Act]:
        """The answer that matters: what was understood, what happened, what is done about it."""
        conduct = self._conduct
        acts = self._story_if(conduct.reflects, "reflect", "reflect")
        if self._case.story.praise:
            return [*acts, *self._story_if(conduct.personal, "personal", "personal")]
        acts += self._story_if(conduct.explains, "cause", "cause")
        acts += self._story_if(conduct.blames, "blame", "blame")
        acts += self._story_if(conduct.deflects, "deflect", "deflect")
        acts += self._if(conduct.prefers == "preferred", "preferred")
        acts += self._if(conduct.prefers == "dispreferred", "dispreferred")
        if conduct.gives != "none" and self._case.story.gift:
            acts.append(("give", say(self._rng, self._case.story.gift.lines, self._granted())))
        if conduct.solves == "none":
            acts.append(("unsolved", self._word_of_agent("unsolved")))
        else:
            acts.append(("solve", self._line(conduct.solves, agent=True)))
        acts += self._if(conduct.owns, "own")
        if conduct.validates_late:
            acts += self._hearing()
        acts += self._story_if(conduct.personal, "personal", "personal")
        acts += self._if(conduct.verifies == "late", "verify")
        acts += self._if(conduct.banned, "banned")
        return acts

    def _granted(self) -> Facts:
        """The facts with an amount over the limit, where the agent gives too much."""
        facts = self._case.agent_facts
        return {**facts, "gift": facts["gift_over"]} if self._conduct.gives == "over" else facts

    def _following(self) -> list[Act]:
        """What comes after: next step, promise, reassurance, checking."""
        conduct = self._conduct
        acts = self._story_if(conduct.next_step, "next_step", "next_step")
        acts += self._story_if(conduct.promises == "dated", "promise", "promise")
        acts += self._if(conduct.promises == "vague", "vague")
        if conduct.reassures:
            acts.append(("reassure", self._either("reassure")))
        if conduct.checks_back == "matter":
            later = self._rng.random() < 0.25
            text = self._word_of_agent("check_later") if later else self._either("check_back")
            acts.append(("check_back", text))
        acts += self._if(conduct.checks_back == "general", "anything_else")
        acts += self._if(conduct.canned and "canned" not in self._script.acts, "canned")
        return acts

    def _ending(self, *, short: bool = False) -> list[Act]:
        conduct = self._conduct
        acts: list[Act] = []
        if not short:
            warm = "warm" if conduct.closes_warmly else "plain_end"
            acts.append((warm, self._word_of_agent(warm)))
        sign = "sign_off" if conduct.signs_off else "sign_off_none"
        acts.append((sign, self._word_of_agent(sign)))
        return [*acts, ("name", self._case.agent.name.split()[0])] if self._mail else acts

    def _leaving(self) -> str:
        conduct, case = self._conduct, self._case
        good = conduct.skill * 0.6 + 0.45 * (conduct.solves == "own") - 0.12 * case.strength
        good += 0.25 * (conduct.validates == "named") - 0.4 * conduct.blames - 0.3 * conduct.deflects
        good += self._rng.gauss(0, 0.12) + 0.25 * (not case.opportunity)
        if good > 0.75:
            return "relieved"
        if good > 0.35:
            return "content"
        return "grudging" if good > 0.05 or not case.feeling else "unhappy"

    def _unless_said(self, act: str, share: float) -> list[Act]:
        return self._if(act not in self._script.acts and self._rng.random() < share, act)

    def _if(self, wanted: bool, act: str) -> list[Act]:
        return [(act, self._word_of_agent(act))] if wanted else []

    def _story_if(self, wanted: bool, lines: str, act: str) -> list[Act]:
        return [(act, self._line(lines, agent=True))] if wanted else []

    def _either(self, name: str) -> str:
        """Return a line of the story, or now and then one that fits any."""
        if self._rng.random() < 0.65:
            return self._line(name, agent=True)
        return self._word_of_agent(name)

    def _line(self, name: str, *, agent: bool = False) -> str:
        lines = self._case.story.lines[name]
        if not agent:
            return say(self._rng, lines, self._case.facts)
        # An agent can know the address, but not what the trip is about, before it was told.
        names = _HEARD if name in {"reflect", "plight"} else _HEARD_ONLY
        lines = sayable(lines, self._case.facts, self._told, names=names)
        return say(self._rng, lines, self._case.agent_facts) if lines else ""

    def _word(self, name: str) -> str:
        return say(self._rng, self._book.customer[name], self._case.facts)

    def _word_of_agent(self, name: str, *, customer: bool = False) -> str:
        facts = self._case.facts if customer else self._case.agent_facts
        return say(self._rng, self._book.agent[name], facts)

    def _customer(self, words: Sequence[str], *, ends: bool = False) -> None:
        text = " ".join(each for each in words if each)
        if ends:
            text = f"{text}\n\n{self._word('email_end')}"
        self._told += text.lower()
        self._script.add("customer", typed(self._rng, self._case.customer, text, self._case.channel))

    def _agent(self, acts: Sequence[Act]) -> None:
        said = [act for act in acts if act[1]]
        text = letter(said) if self._mail else " ".join(ended(line) for _, line in said)
        if any(name == "solve" and self._case.facts["day"] in line for name, line in said):
            said.append(("dated", ""))
        self._script.add("agent", text, said)
