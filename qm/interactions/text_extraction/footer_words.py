"""The words of what stands below mails by habit: closings, legal notices, and pleas for paper."""

import re

_CLOSINGS = """
(?:with )?(?:kind(?:est)?|best|warm(?:est)?|many) (?:regards|wishes|thanks)|regards|best|all the best|(?:yours )?sincerely(?: yours)?
yours (?:faithfully|truly)|cheers|many thanks|thanks(?: again)?|thank you|thanks and regards|kind regards and thanks
mit (?:freundlichen?|besten?|lieben?|herzlichen?|sonnigen?) (?:grüßen|gruessen|grüssen|gruß|gruss)|(?:viele|beste|liebe|herzliche|freundliche|schöne) (?:grüße|gruesse|grüsse)
mfg|vg|lg|hochachtungsvoll|vielen dank
(?:bien |très )?cordialement|(?:bien )?à vous|(?:meilleures|sincères|cordiales) salutations|cdlt|bien amicalement
(?:un )?(?:cordial(?:es)? )?saludos?(?: cordial(?:es)?)?|atentamente|muchas gracias|reciba un cordial saludo
atenciosamente|(?:com os )?(?:melhores )?cumprimentos|cordialmente|att|abraços?|obrigad[oa]
(?:cordiali|distinti) saluti|(?:un )?cordiale saluto|grazie
met (?:vriendelijke|hartelijke) groet(?:en)?|(?:vriendelijke|hartelijke) groet(?:en)?|mvg
z (?:poważaniem|wyrazami szacunku)|pozdrawiam(?: serdecznie)?|(?:med )?(?:vänliga|bästa) hälsningar|mvh
(?:med )?(?:venlig|vennlig|bedste|beste) hils(?:en|ener)|ystävällisin terveisin|s pozdravem|üdvözlettel|cu stimă|saygılarımla
с уважением|з повагою|με εκτίμηση|בברכה|مع (?:أطيب )?التحيات
"""
_CLOSING = f"(?:{'|'.join(_CLOSINGS.split(chr(10))[1:-1])})"
CLOSING = re.compile(rf"{_CLOSING}(?:\s?[/|]\s?{_CLOSING})?[\s,.!\u2013-]*", re.IGNORECASE)
"""A line with which people end a mail, above their name."""

_HEADINGS = (
    r"(?:disclaimer|(?:legal |confidentiality |privacy )?(?:notice|note|warning)(?: & disclaimer)?|confidentiality|important(?: notice)?"
    r"|avertissement|aviso(?: legal| de confidencialidad)?|confidencialidad|nota legale|avviso(?: legale)?|(?:wichtiger )?hinweis|zur beachtung"
    r"|vertraulichkeitshinweis|disclaimer nl|uwaga)"
)
_MAIL = (
    r"(?:e-?mail|mail|message|communication|transmission|correspondence|nachricht|mitteilung|courriel|courrier|mensaje|correo|mensagem|messaggio"
    r"|comunicazione|bericht|wiadomość|wiadomości|korespondencja|meddelande|besked|melding|e-?post|viesti|zpráva|üzenet|mesaj|ileti|e-?posta"
    r"|сообщение|письмо|повідомлення|лист)"
)
_THIS = (
    r"(?:this|the (?:information|contents?)|any views|diese[rs]?|der inhalt|die in dieser|das|ce|cet|le|les informations|l'information|este|esta|el contenido"
    r"|la información|o conteúdo|as informações|questo|questa|il contenuto|le informazioni|dit|deze|de (?:inhoud|informatie)|ta|niniejsza|treść"
    r"|informacje|detta|denne|denna|dette|den här|tämä|tato|ez az|acest|bu|это|данное|содержание|це|цей)"
)
_IF = r"(?:if|should you|wenn|falls|sollten|si|s'il|se|in caso|als|indien|mocht|jeśli|jeżeli|om du|hvis|dersom|jos|pokud|ha ön|dacă|eğer|если|якщо)"
NOTICE = re.compile(
    rf"\W{{0,5}}+(?:\(?\w\w\)?\W{{1,3}})?(?:{_HEADINGS}\W{{1,5}})?(?:{_HEADINGS}\W{{0,5}}$|{_THIS}\b.{{0,60}}?\b{_MAIL}|{_IF}\b.{{0,60}}?(?:\b{_MAIL}|not the (?:intended|named)|richtige\w* (?:adressat|empfänger))"
    r"|the information transmitted\b|(?:privileged|confidential)(?:\W+(?:and|or|privileged|confidential))* information\b)",
    re.IGNORECASE,
)
"""How a line begins that may be a legal notice: what "this message" is, or what to do if it went astray."""

ENTRUSTED = re.compile(
    r"confidential|privileged|proprietary|vertraulich|rechtlich geschützt|confidenti?el|confidencia|privilegiad|sigilos|riservat|confidenzial"
    r"|vertrouwelijk|poufn|konfidentiell|konfidensiel|fortrolig|luottamuksel|důvěrn|bizalmas|confidenţial|confidențial|gizli|конфиденциальн"
    r"|конфіденційн|secret profesional|secreto profesional",
    re.IGNORECASE,
)
MEANT_FOR = re.compile(
    r"intended (?:only|solely|exclusively|recipient|for the)|(?:sole|exclusive) use|addressee|addressed|named recipient|(?:an)?adressat|bestimmt"
    r"|empfänger|destinataire|destin[ée]s? (?:exclusivement|uniquement)|destinatari|destinam?-se|avsed[dt]|geadresseerde|bestemd|ontvanger|adresat|odbiorc|mottagare|modtager|mottaker"
    r"|vastaanottaj|adresát|příjemc|címzett|destinatar|alıcı|адресат|получател|одержувач",
    re.IGNORECASE,
)
ASTRAY = re.compile(
    r"(?:in|by) (?:error|mistake)|erroneously|unauthori[sz]ed|prohibited|disclosure|disseminat|irrtümlich|unbefugt"
    r"|nicht (?:der|die|das|gestattet)|untersagt|unzulässig|par erreur|interdit|non autorisée|n'êtes pas|por error|equivocación|prohibid|no es el|no está permitid"
    r"|por engano|por erro|proibid|não for o|per errore|vietat|ten onrechte|abusievelijk|per vergissing|niet (?:de|bestemd)|verboden|omyłk|pomyłk|zabron"
    r"|av misstag|obehörig|ved en (?:fejl|feil)|uautoriseret|erehdyksessä|omylem|tévedés|din greșeală|yanlışlıkla|по ошибке|помилково",
    re.IGNORECASE,
)
FIRST_PERSON = re.compile(
    r"(?<![\w'])(?:(?-i:I)|i'm|i'd|i've|i'll|me|my|mine|myself|ich|mich|mir|mein\w*|je (?:suis|vous|ne|n'\w+|voudrais|souhaite|peux|dois|veux|pense|crois|le|la|me)|j'\w+|moi|mon|ma|mes|yo|mí|mi|mis|conmigo"
    r"|eu|meu\w*|minha\w*|io|mio|mia|mij|mijn|ik|jag|mitt|jeg|minä|minun|já|můj|én|benim|я|мой|моя|мне|меня|мені)(?![\w'])",
    re.IGNORECASE,
)
_NATURE = r"(?:environment|umwelt|environnement|medio ambiente|meio ambiente|all'ambiente|milieu|środowisk|miljö|miljø|\btrees?\b|bäume)"
_PRINT = r"(?:print|druck|imprim|stamp|afdruk|skriv\w* ut|udskriv|skriver)"
PAPER = re.compile(
    r"\W{0,5}+(?:please )?(?:consider|think|save|let's|before|denken|bitte|vor|bevor|pensez|avant|antes|piense|pense|prima|pensa|denk|czy|zanim|pomyśl|tänk"
    rf"|overvej|tenk)\b(?=.{{0,100}}{_NATURE})(?=.{{0,100}}{_PRINT}).{{0,110}}$",
    re.IGNORECASE,
)
"""A line that asks not to print a mail."""

CONTACT = re.compile(
    r"@|www\.|https?://|\[(?:PHONE|EMAIL)\]"
    r"|(?:^|[|,;\u00b7\u2022]\s?)(?:t|m|f|p|e|w|tel|tél|tlf|phone|telephone|telefon|téléphone|teléfono|telefono|telefone|telefoon|mobile?|mob|cell|handy|móvil|portable|fax|fon|direct|office|тел)"
    r"\b\.?\s?[:.+(\d]|^\(?\+?\d[\d\s()/.\u2013-]{7,}$",
    re.IGNORECASE,
)
"""What a line of a signature has, and no sentence: ways to reach somebody."""
