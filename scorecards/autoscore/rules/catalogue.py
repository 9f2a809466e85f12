"""The catalogue of automatic judgements: what a scorecard question may name in `auto`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scorecards.autoscore.case import Case, Verdict
from scorecards.autoscore.rules import conduct, empathy, resolution, tone_and_dead_ends


@dataclass(frozen=True, slots=True)
class JudgementSpec:
    """A judgement by a rule; `any_language` if it depends on the client's own phrases alone."""

    description: str
    judge: Callable[[Case], Verdict]
    any_language: bool = False

    def rule(self, case: Case) -> Verdict:
        """Return the verdict on a case, computed once for all questions of a form with this judgement."""
        return case.once(self.judge)


CATALOGUE: Mapping[str, JudgementSpec] = {
    "validates_feeling": JudgementSpec(
        "Names the customer's feeling from the customer's side.", empathy.validates_feeling
    ),
    "validates_before_solution": JudgementSpec(
        "Acknowledges the feeling or failure before offering a solution.", empathy.validates_before_solution
    ),
    "listens_and_reflects": JudgementSpec("Gives back what the customer said.", empathy.listens_and_reflects),
    "asks_question_back": JudgementSpec(
        "Asks about the customer's situation.", resolution.asks_question_back
    ),
    "apologises_with_action": JudgementSpec(
        "Apologises for a failure and says what is done about it.", empathy.apologises_with_action
    ),
    "takes_ownership": JudgementSpec("Makes the matter their own.", empathy.takes_ownership),
    "avoids_deflection": JudgementSpec("Does not pass the matter on.", empathy.avoids_deflection),
    "avoids_blame": JudgementSpec("Does not blame the customer or talk down to them.", empathy.avoids_blame),
    "no_sympathy_only": JudgementSpec(
        "Goes beyond condolence to empathy or action.", empathy.no_sympathy_only
    ),
    "personalises": JudgementSpec("Uses what this customer told.", resolution.personalises),
    "offers_solution": JudgementSpec("Offers or carries out a solution.", resolution.offers_solution),
    "avoids_canned_sentences": JudgementSpec("Uses no stock sentence.", resolution.avoids_canned_sentences),
    "explains_next_step": JudgementSpec("Says what happens next.", resolution.explains_next_step),
    "promises_with_date": JudgementSpec("Says by when a promise is kept.", resolution.promises_with_date),
    "checks_back": JudgementSpec("Checks that it worked, or comes back to it.", resolution.checks_back),
    "reassures": JudgementSpec("Takes the worry away.", empathy.reassures),
    "closes_warmly": JudgementSpec("Ends on a warm word.", resolution.closes_warmly),
    "greets": JudgementSpec("Greets the customer.", conduct.greets),
    "signs_off": JudgementSpec("Takes leave.", conduct.signs_off),
    "verifies_identity": JudgementSpec("Verifies who it is before acting.", conduct.verifies_identity),
    "uses_preferred_phrases": JudgementSpec(
        "Uses the client's preferred phrases.", conduct.uses_preferred_phrases, any_language=True
    ),
    "avoids_banned_phrases": JudgementSpec(
        "Uses none of the client's banned phrases.", conduct.avoids_banned_phrases, any_language=True
    ),
    "formality_fits": JudgementSpec("Is as formal as the client wants.", conduct.formality_fits),
    "playbook_followed": JudgementSpec(
        "Does every required step of the playbook.", conduct.playbook_followed, any_language=True
    ),
    "discretion_within_limit": JudgementSpec(
        "Stays within the limit of the discretion used.", conduct.discretion_within_limit, any_language=True
    ),
    "reading_level_fits": JudgementSpec(
        "Is as easy to read as the client wants.", tone_and_dead_ends.reading_level_fits
    ),
    "tone_fits": JudgementSpec(
        "Sounds like the client's own examples and tone.", tone_and_dead_ends.tone_fits
    ),
    "uses_empathy_library": JudgementSpec(
        "Validates in the client's own words.", tone_and_dead_ends.uses_empathy_library
    ),
    "avoids_dead_ends": JudgementSpec(
        "Leaves no customer with a no while the playbook gives a way on.", tone_and_dead_ends.avoids_dead_ends
    ),
}
