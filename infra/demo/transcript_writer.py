"""Writes the transcript of an interaction, and records which turn shows each of the agent's acts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from infra.demo.agent_behaviour import AgentBehaviour, DemoCase
from infra.demo.customers import TEST_CARDS, typed_or_spoken
from infra.demo.message_format import Act, as_sentence, email_text, with_greeting
from infra.demo.phrase_book import Facts, PhraseBook, fill_in, pick, usable_lines

_CUSTOMER_ONLY_FACTS = frozenset({"occasion", "occasion_c"})
_REFLECTED_FACTS = _CUSTOMER_ONLY_FACTS | {"place", "size", "other", "past", "days"}
_SATISFIED_MOODS = frozenset({"content", "relieved"})


@dataclass(slots=True)
class Transcript:
    """Turns as (speaker, text), the first turn of each act, and the customer's mood at the end."""

    turns: list[tuple[str, str]] = field(default_factory=list)
    acts: dict[str, int] = field(default_factory=dict)
    final_mood: str = "content"
    solved_at: int | None = None

    def add(self, speaker: str, text: str, acts: Sequence[Act] = ()) -> None:
        """Add a turn, unless there is nothing to say."""
        if text.strip():
            self.turns.append((speaker, text))
            for name, _ in acts:
                self.acts.setdefault(name, len(self.turns) - 1)


class TranscriptWriter:
    """Writes the transcript of one case."""

    def __init__(self, book: PhraseBook, case: DemoCase, behaviour: AgentBehaviour, rng: Random) -> None:
        """Take the phrases, the case, the agent's behaviour and the random generator."""
        self._book, self._case, self._behaviour, self._rng = book, case, behaviour, rng
        self._transcript = Transcript()
        self._is_email = case.channel == "email"
        self._customer_text = ""
        self._question_index = 0

    def write(self) -> Transcript:
        """Return the transcript."""
        self._transcript.final_mood = self._final_mood()
        if self._is_email:
            self._write_email()
        else:
            self._write_dialogue()
        return self._transcript

    def _write_email(self) -> None:
        case, behaviour = self._case, self._behaviour
        self._add_customer_turn(
            [*self._problem_sentences(), *self._contact_details(0.3)], with_signature=True
        )
        if behaviour.asks and not case.story.praise:
            self._add_agent_turn([*self._first_response(), *self._closing(short=True)])
            self._add_customer_turn(
                [*self._answer_sentences(), *self._contact_details(0.2)], with_signature=True
            )
            self._add_agent_turn(
                [*self._agent_greeting(), *self._resolution(), *self._follow_up(), *self._closing()]
            )
        else:
            self._add_agent_turn(
                [*self._first_response(), *self._resolution(), *self._follow_up(), *self._closing()]
            )
        self._transcript.solved_at = len(self._transcript.turns) - 1
        if self._rng.random() < 0.45:
            self._add_customer_turn([self._customer_phrase(self._transcript.final_mood)])

    def _write_dialogue(self) -> None:
        case, rng = self._case, self._rng
        greeted = False
        if case.channel == "voice" or (case.channel == "chat" and rng.random() < 0.35):
            self._transcript.add("bot", pick(rng, self._book.agent["bot"]))
            self._add_customer_turn([self._story_line("ivr")])
            if case.channel == "chat":
                self._transcript.add("system", f"{case.agent.name} joined the chat.")
            greeting = self._agent_greeting()
            self._add_agent_turn(greeting)
            greeted = any(text for _, text in greeting)
        self._add_customer_turn(self._problem_sentences())
        self._add_agent_turn(self._first_response(greeted=greeted))
        self._add_customer_turn([*self._answer_sentences(), *self._contact_details(0.2)])
        self._add_agent_turn(self._resolution())
        if rng.random() < 0.55 and not case.story.praise:
            self._add_customer_turn(
                [
                    self._customer_phrase(
                        "push" if self._transcript.final_mood in _SATISFIED_MOODS else "push_hard"
                    )
                ]
            )
        self._add_agent_turn(self._follow_up())
        self._add_customer_turn([self._customer_phrase(self._transcript.final_mood)])
        self._add_agent_turn([*self._maybe("anything_else", 0.2), *self._closing()])
        self._transcript.solved_at = len(self._transcript.turns) - 1
        if rng.random() < 0.15 and case.channel == "chat":
            self._add_customer_turn([pick(rng, ("Bye!", "You too, bye", "Bye", "Cheers, you too"))])

    def _problem_sentences(self) -> list[str]:
        case, rng = self._case, self._rng
        sentences = [with_greeting(self._customer_greeting(), self._story_line("problem"))]
        if case.negative_mood:
            sentences.append(fill_in(rng, self._book.feeling[case.mood][str(case.strength)], case.facts))
        if case.states_need:
            sentences.append(self._story_line("need"))
        if case.repeat_contact:
            sentences.append(self._customer_phrase("repeat"))
        if case.strength == 3 and rng.random() < 0.4:
            sentences.append(fill_in(rng, self._book.feeling[case.mood]["3"], case.facts))
        return sentences

    def _customer_greeting(self) -> str:
        return fill_in(self._rng, self._book.hello[self._case.channel], self._case.facts)

    def _answer_sentences(self) -> list[str]:
        sentences: list[str] = []
        if "verify" in self._transcript.acts and "verified" not in self._transcript.acts:
            self._transcript.acts["verified"] = len(self._transcript.turns)
            sentences.append(self._agent_phrase("verified", customer=True))
        if "ask" in self._transcript.acts:
            answers = self._case.story.lines["details"]
            sentences.append(
                fill_in(self._rng, [answers[self._question_index % len(answers)]], self._case.facts)
            )
        return sentences or [self._customer_phrase("waiting")]

    def _contact_details(self, share: float) -> list[str]:
        if self._rng.random() >= share:
            return []
        if (
            self._case.story.failure
            and self._case.story.program in {"returns", "billing"}
            and self._rng.random() < 0.3
        ):
            facts = {**self._case.facts, "card": pick(self._rng, TEST_CARDS)}
            return [fill_in(self._rng, self._book.customer["card"], facts)]
        return [self._customer_phrase("reach_me")]

    def _agent_greeting(self) -> list[Act]:
        behaviour = self._behaviour
        if behaviour.greets:
            greeting = fill_in(self._rng, self._book.greet[self._case.channel], self._case.agent_facts)
            acts = [("greet", greeting)]
            return [*acts, *self._act_if(behaviour.introduces, "introduce")]
        return [("plain_greet", self._agent_phrase("greet_none"))]

    def _first_response(self, *, greeted: bool = False) -> list[Act]:
        """Write the first response: validation, apology, verification, looking into it, a question."""
        behaviour, case = self._behaviour, self._case
        acts = [] if greeted else self._agent_greeting()
        acts += self._act_if(behaviour.off_tone, "stiff")
        acts += self._act_if(behaviour.canned and self._rng.random() < 0.6, "canned")
        if case.story.praise:
            warm = "praise" if behaviour.skill > 0.4 else "praise_plain"
            return [*acts, (warm, self._agent_phrase(warm)), *self._question()]
        if not behaviour.validates_late:
            acts += self._validation()
        acts += self._act_if(behaviour.apologises, "apology")
        acts += self._act_if(behaviour.verifies == "first", "verify")
        acts += self._story_act_if(behaviour.looks, "look", "look")
        acts += self._act_if(behaviour.holds, "hold")
        acts += self._question()
        return acts or [("understanding", self._agent_phrase("understanding"))]

    def _question(self) -> list[Act]:
        """Ask one of the story's questions; its answer has the same index."""
        if not self._behaviour.asks:
            return []
        questions = self._case.story.lines["asks"]
        self._question_index = int(self._rng.random() * len(questions))
        return [("ask", fill_in(self._rng, [questions[self._question_index]], self._case.agent_facts))]

    def _validation(self) -> list[Act]:
        manner = self._behaviour.validates
        if manner == "none":
            return []
        if manner != "named":
            return [(manner, self._agent_phrase(manner))]
        facts = dict(self._case.agent_facts)
        plight = self._story_line("plight", agent=True)
        facts["plight"], facts["plight_c"] = plight[0].lower() + plight[1:], plight
        named = ("named", fill_in(self._rng, self._book.named[self._case.mood], facts))
        also = self._rng.random() < 0.2
        return [("sympathy", self._agent_phrase("sympathy")), named] if also else [named]

    def _resolution(self) -> list[Act]:
        """Write the resolution: what was understood, what happened, what is done about it."""
        behaviour = self._behaviour
        acts = self._story_act_if(behaviour.reflects, "reflect", "reflect")
        if self._case.story.praise:
            return [*acts, *self._story_act_if(behaviour.personal, "personal", "personal")]
        acts += self._story_act_if(behaviour.explains, "cause", "cause")
        acts += self._story_act_if(behaviour.blames, "blame", "blame")
        acts += self._story_act_if(behaviour.deflects, "deflect", "deflect")
        acts += self._act_if(behaviour.prefers == "preferred", "preferred")
        acts += self._act_if(behaviour.prefers == "dispreferred", "dispreferred")
        if behaviour.gives != "none" and self._case.story.gift:
            acts.append(("give", fill_in(self._rng, self._case.story.gift.lines, self._gift_facts())))
        if behaviour.solves == "none":
            acts.append(("unsolved", self._agent_phrase("unsolved")))
        else:
            acts.append(("solve", self._story_line(behaviour.solves, agent=True)))
        acts += self._act_if(behaviour.owns, "own")
        if behaviour.validates_late:
            acts += self._validation()
        acts += self._story_act_if(behaviour.personal, "personal", "personal")
        acts += self._act_if(behaviour.verifies == "late", "verify")
        acts += self._act_if(behaviour.banned, "banned")
        return acts

    def _gift_facts(self) -> Facts:
        """Return the facts, with an amount over the limit where the agent gives too much."""
        facts = self._case.agent_facts
        return {**facts, "gift": facts["gift_over"]} if self._behaviour.gives == "over" else facts

    def _follow_up(self) -> list[Act]:
        """Write the follow-up: next step, promise, reassurance, checking back."""
        behaviour = self._behaviour
        acts = self._story_act_if(behaviour.next_step, "next_step", "next_step")
        acts += self._story_act_if(behaviour.promises == "dated", "promise", "promise")
        acts += self._act_if(behaviour.promises == "vague", "vague")
        if behaviour.reassures:
            acts.append(("reassure", self._story_or_agent_phrase("reassure")))
        if behaviour.checks_back == "matter":
            later = self._rng.random() < 0.25
            text = self._agent_phrase("check_later") if later else self._story_or_agent_phrase("check_back")
            acts.append(("check_back", text))
        acts += self._act_if(behaviour.checks_back == "general", "anything_else")
        acts += self._act_if(behaviour.canned and "canned" not in self._transcript.acts, "canned")
        return acts

    def _closing(self, *, short: bool = False) -> list[Act]:
        behaviour = self._behaviour
        acts: list[Act] = []
        if not short:
            warm = "warm" if behaviour.closes_warmly else "plain_end"
            acts.append((warm, self._agent_phrase(warm)))
        act = "sign_off" if behaviour.signs_off else "sign_off_none"
        acts.append((act, self._agent_phrase(act)))
        return [*acts, ("name", self._case.agent.name.split()[0])] if self._is_email else acts

    def _final_mood(self) -> str:
        behaviour, case = self._behaviour, self._case
        satisfaction = behaviour.skill * 0.6 + 0.45 * (behaviour.solves == "own") - 0.12 * case.strength
        satisfaction += (
            0.25 * (behaviour.validates == "named") - 0.4 * behaviour.blames - 0.3 * behaviour.deflects
        )
        satisfaction += self._rng.gauss(0, 0.12) + 0.25 * (not case.opportunity)
        if satisfaction > 0.75:
            return "relieved"
        if satisfaction > 0.35:
            return "content"
        return "grudging" if satisfaction > 0.05 or not case.negative_mood else "unhappy"

    def _maybe(self, act: str, share: float) -> list[Act]:
        return self._act_if(act not in self._transcript.acts and self._rng.random() < share, act)

    def _act_if(self, wanted: bool, act: str) -> list[Act]:
        return [(act, self._agent_phrase(act))] if wanted else []

    def _story_act_if(self, wanted: bool, lines: str, act: str) -> list[Act]:
        return [(act, self._story_line(lines, agent=True))] if wanted else []

    def _story_or_agent_phrase(self, name: str) -> str:
        """Return a line of the story, or sometimes one that fits any story."""
        if self._rng.random() < 0.65:
            return self._story_line(name, agent=True)
        return self._agent_phrase(name)

    def _story_line(self, name: str, *, agent: bool = False) -> str:
        lines = self._case.story.lines[name]
        if not agent:
            return fill_in(self._rng, lines, self._case.facts)
        # An agent may know the address, but not what the trip is about, before the customer said so.
        names = _REFLECTED_FACTS if name in {"reflect", "plight"} else _CUSTOMER_ONLY_FACTS
        lines = usable_lines(lines, self._case.facts, self._customer_text, names=names)
        return fill_in(self._rng, lines, self._case.agent_facts) if lines else ""

    def _customer_phrase(self, name: str) -> str:
        return fill_in(self._rng, self._book.customer[name], self._case.facts)

    def _agent_phrase(self, name: str, *, customer: bool = False) -> str:
        facts = self._case.facts if customer else self._case.agent_facts
        return fill_in(self._rng, self._book.agent[name], facts)

    def _add_customer_turn(self, sentences: Sequence[str], *, with_signature: bool = False) -> None:
        text = " ".join(each for each in sentences if each)
        if with_signature:
            text = f"{text}\n\n{self._customer_phrase('email_end')}"
        self._customer_text += text.lower()
        self._transcript.add(
            "customer", typed_or_spoken(self._rng, self._case.customer, text, self._case.channel)
        )

    def _add_agent_turn(self, acts: Sequence[Act]) -> None:
        spoken = [act for act in acts if act[1]]
        text = email_text(spoken) if self._is_email else " ".join(as_sentence(line) for _, line in spoken)
        if any(name == "solve" and self._case.facts["day"] in line for name, line in spoken):
            spoken.append(("dated", ""))
        self._transcript.add("agent", text, spoken)
