"""Tells whether a text is in another language than English: by its letters and its everyday words."""

from collections import Counter
from collections.abc import Iterable

from scorecards.autoscore.text import normalization

# Everyday words that are none in English.
_WORDS = {
    "de": normalization.word_set(
        "aber auch auf bei bitte damit danke dann das dass dem der diese dieser dieses ein eine einen "
        "einer eines es für gern gerne guten haben hallo ich ihnen ihr ihre ihren im ist ja kann kein "
        "keine können leider mich mir mit möchte nach nein nicht noch nur oder schon sehr sie sind "
        "und uns vielen vielleicht von wenn werden wie wir wird wurde würde zu über"
    ),
    "fr": normalization.word_set(
        "ai au aux avec avez bonjour c'est ce cette d'un dans du elle est et il j'ai je l'ai le les "
        "ma mais merci ne non nous oui pas que qui sa se sont sur très un une vos votre vous être"
    ),
    "es": normalization.word_set(
        "ayuda ayudar ayudarle buenas buenos cuando cuenta cuál cómo del días en es esta este estoy "
        "está favor gracias hacer he hemos hola le lo mi momento muy más nos para pero por puede "
        "puedo que qué se si sobre su sus sí tardes tengo tiene tu un una usted"
    ),
    "pt": normalization.word_set(
        "agora aguarde aguardo ainda ajuda ajudar ao até bem boa bom caso como conta da das dia "
        "dos em então esta este estou está favor fazer fico foi informações isso lhe mais mas meu "
        "minha momento muito na nos não obrigada obrigado olá os para pela pelo pode por posso qual "
        "quando que se senhor senhora seu seus sobre sua suas são tarde tem temos tudo um uma "
        "verificar você é"
    ),
    "it": normalization.word_set(
        "abbiamo al alla buongiorno che ci ciao del della di gli grazie ho il le lo ma mi mia mio "
        "molto nel nella non più può questa questo si siamo sono sua suo un una"
    ),
    "nl": normalization.word_set(
        "aan als bedankt bij dank dat deze dit een en er goedemorgen hallo hebben heeft het ik ja kan "
        "kunt maar mijn naar nee niet nog ons ook op te uw van voor wij wordt zijn"
    ),
    "pl": normalization.word_set(
        "ale był co czy dla dobry dzień dziękuję jak jest jestem już mam mogę może na nie od pana "
        "pani po proszę przez się są tak za że"
    ),
    "sv": normalization.word_set(
        "att av det din ditt du eller en era ett från för har hej inte jag kan med men min mitt ni "
        "när och på ska som så tack till vi vill är"
    ),
    "da": normalization.word_set(
        "af det din dit du eller en er et fra har hej ikke jeg jeres kan med men min mit når og på "
        "skal så tak til vi vil"
    ),
    "no": normalization.word_set(
        "av deres det din ditt du eller en er et fra har hei ikke jeg kan med men min mitt når og på "
        "skal så takk til vi vil"
    ),
    "fi": normalization.word_set(
        "ei että hei hän ja jos kiitos kuin kun meidän minä mitä mutta myös niin ole olen olet oli "
        "ovat päivää se sen sinä tai te teidän voi voin"
    ),
    "cs": normalization.word_set(
        "ale dobrý děkuji jak je jsem jsme jste který máte můžete na ne nebo není pro prosím při se "
        "si tak už vám vás že"
    ),
    "hu": normalization.word_set(
        "az csak egy ez hogy itt jó ki kérem köszönöm lesz meg mi mint már még napot nem szia vagy "
        "van volt én és önnek"
    ),
    "ro": normalization.word_set(
        "aveți ați bună ce cu că dar din dumneavoastră este mai mulțumesc nu pe pentru sau sunt să un "
        "vă ziua în și"
    ),
    "tr": normalization.word_set(
        "ama ben bir biz bu da daha değil ederim en evet gibi günler hayır ile iyi için lütfen "
        "merhaba mi ne olarak siz sizin teşekkür var ve yok çok"
    ),
    "id": normalization.word_set(
        "ada akan anda atau bisa dan dari dengan di ini itu juga kami kasih ke pada pagi saya selamat "
        "siang sudah terima tidak untuk yang"
    ),
    "vi": normalization.word_set(
        "anh bạn cho chào chị các có cảm của em không là một này trong tôi và với xin đã được để ơn"
    ),
}
_LANGUAGES_OF: dict[str, tuple[str, ...]] = {
    word: tuple(language for language, words in _WORDS.items() if word in words)
    for word in frozenset().union(*_WORDS.values())
}
# One may be a name: "Rua das Flores 14".
_MIN_FOREIGN_WORDS = 2
_LAST_LATIN_LETTER = "\u024f"


def foreign_words(words: Iterable[str]) -> tuple[str, ...]:
    """Return the words that are everyday words of other languages, and one "" for each in another script.

    Examples
    --------
    >>> foreign_words(["danke", "for", "waiting", "\u4f60\u597d"])
    ('danke', '')
    """
    return tuple(
        word if word in _LANGUAGES_OF else ""
        for word in words
        if word in _LANGUAGES_OF or (word[0] > _LAST_LATIN_LETTER and word[0].isalpha())
    )


def is_foreign(words: int, everyday_words: int, foreign: Iterable[str]) -> bool:
    """
    Whether a text is in another language than English.

    Parameters
    ----------
    words
        How many words it has.
    everyday_words
        How many of them are everyday words of English.
    foreign
        What `foreign_words` returned for them.

    Returns
    -------
    bool
        If most words are in another script, or the everyday words of one other language are at least two
        and outnumber those of English.

    Examples
    --------
    >>> is_foreign(3, 0, foreign_words(["ich", "habe", "haben"])), is_foreign(1, 0, ("",))
    (True, True)
    >>> is_foreign(3, 2, ("",))
    False
    """
    found = list(foreign)
    if 2 * found.count("") > words:
        return True
    counts = Counter(language for word in found if word for language in _LANGUAGES_OF[word])
    most = max(counts.values(), default=0)
    return most >= _MIN_FOREIGN_WORDS and most > everyday_words
