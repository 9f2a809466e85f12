"""The words for numbers below a thousand that are dictated in many languages, each with its digits."""

from collections.abc import Iterator, Mapping

# From zero on, a word for each; others for the same number behind a slash.
_UNITS_AND_TEENS = {
    "en": "zero/oh/nought/naught/nil one two three four five six seven eight nine/niner ten eleven twelve thirteen "
    "fourteen fifteen sixteen seventeen eighteen nineteen",
    "de": "null eins/ein/eine zwei/zwo drei vier fünf/fuenf sechs sieben acht neun zehn elf zwölf/zwoelf dreizehn "
    "vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn",
    "fr": "zéro/zero un/une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize",
    "es": "cero un/uno/una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
    "dieciséis/dieciseis diecisiete dieciocho diecinueve",
    "it": "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici "
    "diciassette diciotto diciannove",
    "pt": "zero um/uma dois/duas três/tres quatro cinco seis/meia sete oito nove dez onze doze treze catorze/quatorze "
    "quinze dezasseis/dezesseis dezassete/dezessete dezoito dezanove/dezenove",
    "ca": "zero un dos tres quatre cinc sis set vuit nou deu onze dotze tretze catorze quinze setze disset divuit dinou",
    "nl": "nul één/een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien "
    "zeventien achttien negentien",
    "sv": "noll ett/en två/tva tre fyra fem sex sju åtta nio tio elva tolv tretton fjorton femton sexton sjutton arton "
    "nitton",
    "da": "nul en to tre fire fem seks syv otte ni ti elleve tolv tretten fjorten femten seksten sytten atten nitten",
    "no": "null en to tre fire fem seks syv/sju åtte ni ti elleve tolv tretten fjorten femten seksten sytten atten nitten",
    "fi": "nolla yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän kymmenen",
    "pl": "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście trzynaście "
    "czternaście piętnaście szesnaście siedemnaście osiemnaście dziewiętnaście",
    "cs": "nula jedna/jeden dva tři čtyři pět šest sedm/sedum osm/osum devět deset jedenáct dvanáct třináct čtrnáct patnáct "
    "šestnáct sedmnáct osmnáct devatenáct",
    "sk": "nula jeden dva tri štyri päť šesť sedem osem deväť desať jedenásť dvanásť trinásť štrnásť pätnásť šestnásť "
    "sedemnásť osemnásť devätnásť",
    "hu": "nulla egy kettő/két három négy öt hat hét nyolc kilenc tíz tizenegy tizenkettő tizenhárom tizennégy tizenöt "
    "tizenhat tizenhét tizennyolc tizenkilenc",
    "ro": "zero unu/una doi/două trei patru cinci șase/sase șapte/sapte opt nouă/noua zece unsprezece doisprezece "
    "treisprezece paisprezece cincisprezece șaisprezece șaptesprezece optsprezece nouăsprezece",
    "tr": "sıfır bir iki üç dört beş altı yedi sekiz dokuz on onbir oniki onüç ondört onbeş onaltı onyedi onsekiz ondokuz",
    "ru": "ноль/нуль один/одна/раз два/две три четыре пять шесть семь восемь девять десять одиннадцать двенадцать "
    "тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать",
    "uk": "нуль один/одна два/дві три чотири п'ять/п’ять шість сім вісім дев'ять/дев’ять десять одинадцять дванадцять "
    "тринадцять чотирнадцять п'ятнадцять шістнадцять сімнадцять вісімнадцять дев'ятнадцять",
    "sr": "nula jedan dva tri četiri pet šest sedam osam devet deset jedanaest dvanaest trinaest četrnaest petnaest "
    "šesnaest sedamnaest osamnaest devetnaest",
    "el": "μηδέν/μηδεν ένα/ενα δύο/δυο τρία/τρια τέσσερα/τεσσερα πέντε/πεντε έξι/εξι επτά/εφτά/επτα οκτώ/οχτώ/οκτω "
    "εννέα/εννιά/εννια δέκα έντεκα δώδεκα δεκατρία δεκατέσσερα δεκαπέντε δεκαέξι δεκαεπτά δεκαοκτώ δεκαεννέα",
    "lt": "nulis vienas du trys keturi penki šeši septyni aštuoni devyni dešimt",
    "id": "nol/kosong satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas",
    "vi": "không một/mốt hai ba bốn năm/lăm sáu bảy tám chín mười",
    "ar": "صفر واحد اثنان/اثنين/إثنين/اتنين ثلاثة/تلاتة أربعة/اربعة خمسة ستة سبعة ثمانية/تمانية تسعة عشرة",
    "fa": "صفر یک دو سه چهار پنج شش هفت هشت نه ده",
    "he": "אפס אחת/אחד שתיים/שניים/שתים שלוש/שלושה ארבע חמש שש שבע שמונה תשע עשר",
    "hi": "शून्य/ज़ीरो/जीरो एक दो तीन चार पांच/पाँच छह/छः/छे सात आठ नौ दस",
}
_TENS = {
    "en": "twenty thirty forty/fourty fifty sixty seventy eighty ninety",
    "de": "zwanzig dreißig/dreissig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "fr": "vingt/vingts trente quarante cinquante soixante septante huitante/octante nonante",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "it": "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "pt": "vinte trinta quarenta cinquenta/cinqüenta sessenta setenta oitenta noventa",
    "ca": "vint trenta quaranta cinquanta seixanta setanta vuitanta noranta",
    "nl": "twintig dertig veertig vijftig zestig zeventig tachtig negentig",
    "sv": "tjugo trettio förtio femtio sextio sjuttio åttio nittio",
    "da": "tyve tredive fyrre halvtreds treds halvfjerds firs halvfems",
    "no": "tjue tretti førti femti seksti sytti åtti nitti",
    "fi": "kaksikymmentä kolmekymmentä neljäkymmentä viisikymmentä kuusikymmentä seitsemänkymmentä kahdeksankymmentä "
    "yhdeksänkymmentä",
    "pl": "dwadzieścia trzydzieści czterdzieści pięćdziesiąt sześćdziesiąt siedemdziesiąt osiemdziesiąt dziewięćdziesiąt",
    "cs": "dvacet třicet čtyřicet padesát šedesát sedmdesát osmdesát devadesát",
    "sk": "dvadsať tridsať štyridsať päťdesiat šesťdesiat sedemdesiat osemdesiat deväťdesiat",
    "hu": "húsz/huszon harminc negyven ötven hatvan hetven nyolcvan kilencven",
    "ro": "douăzeci treizeci patruzeci cincizeci șaizeci șaptezeci optzeci nouăzeci",
    "tr": "yirmi otuz kırk elli altmış yetmiş seksen doksan",
    "ru": "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто",
    "uk": "двадцять тридцять сорок п'ятдесят шістдесят сімдесят вісімдесят дев'яносто",
    "sr": "dvadeset trideset četrdeset pedeset šezdeset sedamdeset osamdeset devedeset",
    "el": "είκοσι τριάντα σαράντα πενήντα εξήντα εβδομήντα ογδόντα ενενήντα",
}
_HUNDREDS = {
    "es": "cien/ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos",
    "pl": "sto dwieście trzysta czterysta pięćset sześćset siedemset osiemset dziewięćset",
    "cs": "sto dvěstě třista čtyřista pětset šestset sedmset osmset devětset",
    "ru": "сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот",
    "uk": "сто двісті триста чотириста п'ятсот шістсот сімсот вісімсот дев'ятсот",
}
# Written in one word, the unit stands first, with this between: einundzwanzig.
_UNIT_FIRST = {"de": "und", "nl": "en", "da": "og"}
_TENS_FIRST = frozenset(("sv", "no", "fi", "sk", "hu", "tr", "it", "es"))


def _words(written: str) -> frozenset[str]:
    return frozenset(written.split())


TIMES = {
    **dict.fromkeys(("double", "doppel", "doppelt", "doble", "doppio", "dubbel", "dobbelt"), 2),
    **dict.fromkeys(("triple", "treble", "dreimal", "triplo", "tripel"), 3),
}
"""Words that say how often the next digit is written."""

HUNDRED = frozenset(
    ("hundred", "hundert", "cent", "cents", "cento", "honderd", "hundra", "hundre", "hundrede")
)
PLUS = frozenset(("plus", "più", "más", "mais", "плюс"))
FILLERS = frozenset(("uh", "er", "erm", "ehm", "äh", "euh", "and", "und", "y", "e", "et", "i", "then"))
"""Words that may stand between two digits."""

AMBIGUOUS = _words(
    "once on en to ti un une una uno um eine ein een hat set sex fire ni nil năm ba hai không du nou sei meia раз "
    "دو سه نه ده दो"
)
"""Words that mean other things too: between others they are digits."""

NEVER_FIRST = _words("on to ti en een ein eine hat set e i y")
"""Those that other words are rather, where they stand before a number or behind it: "call me on seven ..."."""


def _spelled(words: str, first: int, step: int) -> Iterator[tuple[str, str]]:
    for place, forms in enumerate(words.split()):
        for form in forms.split("/"):
            yield form, str(first + step * place)


def _in_one_word(language: str) -> Iterator[tuple[str, str]]:
    units = [
        pair for pair in _spelled(_UNITS_AND_TEENS[language], 0, 1) if len(pair[1]) == 1 and pair[1] != "0"
    ]
    for ten, value in _spelled(_TENS[language], 20, 10):
        for unit, digit in units:
            if language in _UNIT_FIRST:
                joint = "ën" if language == "nl" and unit.endswith("e") else _UNIT_FIRST[language]
                yield f"{unit}{joint}{ten}", value[0] + digit
            elif language in _TENS_FIRST:
                elided = ten[:-1] if language == "it" and unit[0] in "uo" else ten
                elided = "veinti" if language == "es" and ten == "veinte" else elided
                yield f"{elided}{unit}", value[0] + digit


def _all() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for table, first, step in ((_UNITS_AND_TEENS, 0, 1), (_TENS, 20, 10), (_HUNDREDS, 100, 100)):
        for words in table.values():
            for form, digits in _spelled(words, first, step):
                found.setdefault(form, digits)
    for language in (*_UNIT_FIRST, *sorted(_TENS_FIRST)):
        for form, digits in _in_one_word(language):
            found.setdefault(form, digits)
    return found


NUMBERS = _all()
"""The digits of each word."""

UNSPACED = {
    **dict(zip("〇零一二三四五六七八九幺两兩", "00123456789122", strict=True)),
    **dict(zip("공영일이삼사오육륙칠팔구", "001234566789", strict=True)),
    **dict(
        zip("ศูนย์ หนึ่ง สอง สาม สี่ ห้า หก เจ็ด แปด เก้า".split(), "0123456789", strict=True)  # noqa: SIM905
    ),
}
"""Those of scripts that put no spaces between words."""
