"""Sample agent sentences in several conversation styles, for property tests of the brand voice."""

SENTENCES = (
    "Hi Anna, I'm so glad you wrote!",
    "Unfortunately that is not possible per our policy.",
    "I would never say 'calm down' to you.",
    "Please be advised that the aforementioned item cannot be returned.",
    "You'll have to wait until Monday, sorry about that 😢",
    "We apologize, and I can hear how frustrating this is.",
    "ok",
    "Your order 4711 left at 12:30, see https://shop.example/4711.",
    "İstanbul’da “calm down” dedi.",
    "Maybe it might possibly work, I think.",
    "Take care!",
    "The authorisation of reimbursement necessitates comprehensive verification of documentation.",
)
