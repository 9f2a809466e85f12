"""The automatic judgements a question may ask for, each with what its 'yes' claims."""

from collections.abc import Mapping

JUDGEMENTS: Mapping[str, str] = {
    "validates_feeling": "The agent names the customer's feeling from the customer's side.",
    "validates_before_solution": "The feeling is acknowledged before the first solution.",
    "listens_and_reflects": "The agent says the problem back with its details.",
    "asks_question_back": "The agent asks what they need to know to understand.",
    "no_sympathy_only": "The agent goes beyond condolence.",
    "apologises_with_action": "An apology comes with what is done about it.",
    "takes_ownership": "The agent takes the matter on as their own.",
    "avoids_deflection": "The agent does not send the customer elsewhere or hide behind others.",
    "avoids_blame": "The agent does not blame the customer.",
    "personalises": "The answer uses the customer's own facts.",
    "offers_solution": "The agent offers a solution or a real step towards one.",
    "explains_next_step": "The agent says what happens next and who does it.",
    "avoids_canned_sentences": "The agent does not speak in set sentences.",
    "promises_with_date": "Promises come with a day or a time.",
    "checks_back": "The agent checks that the customer has what they need.",
    "reassures": "The agent gives a reason to feel safe.",
    "closes_warmly": "The conversation ends warmly.",
    "greets": "The greeting is the client's.",
    "signs_off": "The sign-off is the client's.",
    "uses_preferred_phrases": "The client's own wording is used where it fits.",
    "avoids_banned_phrases": "No phrase that the client bans is used.",
    "formality_fits": "The agent is as formal as the client wants.",
    "playbook_followed": "The required steps of the playbook are taken.",
    "discretion_within_limit": "What was given stays within the agent's discretion.",
    "verifies_identity": "The customer's identity is verified.",
}
