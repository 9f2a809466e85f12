"""The words that mail programs write around quoted mail, in the languages they speak."""

import re
from collections.abc import Iterable, Mapping


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"\s") for word in sorted(words, key=len, reverse=True))


_FROM = """
from von de da van od från fra lähettäjä feladó de_la kimden gönderen от от_кого від від_кого από מאת من
差出人 送信者 发件人 寄件者 寄件人 發件人 보낸_사람 보낸사람 từ จาก प्रेषक dari šiltas odesílatel expéditeur remitente mittente
remetente afzender avsändare afsender avsender nadawca expeditor отправитель відправник αποστολέας pošiljatelj
발신 frá saatja no nuo šalje daripada از nork від_кого
"""
_DATE = """
sent date gesendet datum envoyé envoyé_le fecha enviado enviado_el enviados inviato data enviada enviada_em
enviado_em verzonden wysłano wysłane skickat sendt dato lähetetty päivämäärä päiväys odesláno dátum elküldve küldve
trimis gönderilen gönderildi gönderme_tarihi tarih отправлено дата дата_отправки надіслано надіслана στάλθηκε
ημερομηνία απεσταλμένα נשלח תאריך נשלח_ב تم_الإرسال تاريخ التاريخ أرسلت مرسل 送信日時 日付 日時 发送时间 发送日期 日期 时间 寄件日期 發送時間
傳送時間 보낸_날짜 날짜 보낸날짜 보낸시간 đã_gửi ngày ส่ง วันที่ भेजा_गया दिनांक dikirim tanggal poslano изпратено изпратени
saadetud saatmisaeg kuupäev nosūtīts datums išsiųsta poslato dihantar tarikh ارسال ارسال_شده تاریخ enviat enviat_el bidalia
bidaltze-data gönderilme
"""
_TO = """
to an à para a aan do till til vastaanottaja komu pro címzett către kime alıcı кому до προς אל إلى 宛先 收件人 收件者 받는_사람 받는사람 đến
tới ถึง प्रति kepada za prima до pour destinataire destinatario destinatário mottaker modtager
adressaat saaja kam kam_tau za به per_a nori
"""
_SUBJECT = """
subject re betreff objet sujet asunto oggetto assunto onderwerp temat ämne emne aihe předmět predmet tárgy subiect konu тема thema
θέμα נושא الموضوع موضوع 件名 主题 主旨 主題 标题 標題 제목 chủ_đề tiêu_đề เรื่อง หัวเรื่อง विषय subjek perihal относно
efni teema tēma موضوع gaia zadeva
"""
_COPY = """
cc bcc kopie copie_à copie cópia copia kopia dw udw kopi kopio másolat bilgi копия копія κοιν κοινοποίηση עותק نسخة 抄送 副本 ＣＣ 참조 reply-to
antwort_an répondre_à responder_a antwoord_aan organization organisation importance priorität attachments anlagen
pièces_jointes wichtigkeit mailed-by signed-by
"""


def _labels() -> Mapping[str, frozenset[str]]:
    kinds: dict[str, set[str]] = {}
    for kind, words in (
        ("from", _FROM),
        ("date", _DATE),
        ("to", _TO),
        ("subject", _SUBJECT),
        ("copy", _COPY),
    ):
        for word in words.split():
            kinds.setdefault(word.replace("_", " "), set()).add(kind)
    return {label: frozenset(found) for label, found in kinds.items()}


LABELS = _labels()
"""Which headers a label in lower case can mean: "de" is Spanish "from", "da" Italian."""

_WROTE = (
    r"\b(?:wrote|writes|schrieb|schrieben|schreibt|schrijft|schreef|geschrieben|geschreven|a écrit|écrit|escribió|escreveu|ha scritto|scrive"
    r"|pisze|napisał\w*|napsala?|napísala?|skrev|skriver|kirjoitti|írta|a scris|yazdı|написала?|пишет|писала?"
    r"|пише|написа|написав|napisao|napisala|έγραψε|menulis|đã viết|va escriure|idatzi du|rašė|rakstīja"
    r"|escribe|escreve|píše|piše|ír|scrie|kirjoittaa|писал|писали|kirjutas|scríobh|ysgrifennodd|missatge de|escribiu|skrifaði|isinulat|sinulat|geskryf|shkroi|ka shkruar|aliandika|yozdi"
    r"|yazıb|напиша|написао|напісаў|напісала|жазды|бичсэн|napisala|ha escrit|telah menulis|scritto da)\b"
    r"|نوشت|نے لکھا|লিখেছেন|লিখেছে|લખ્યું|ਲਿਖਿਆ|எழுதினார்|எழுதியது|రాశారు|వ్రాశారు|ಬರೆದಿದ್ದಾರೆ|ಬರೆದರು|എഴുതി|लिहिले"
    r"|लेख्नुभयो|गरेको लेख|գրել|დაწერა|წერს|បានសរសេរ|ຂຽນ|ලිවීය|ጽፏል|ጻፈ"
    r"|כתב|כתבה|מאת|كتب|كتبت|كتابة|写道|寫道|写：|書きました|のメール|작성|쓴 글|เขียน|ने लिखा"
)
WROTE = re.compile(_WROTE, re.IGNORECASE)
"""The verb of a line such as "Jo wrote:"."""

QUOTING = re.compile(
    r"\b(?:quoting|quotation from|zitat von|zitiere|citando(?: a)?|citation de|citiere|citeren|cytowanie|cytuję|cituji|citujem"
    r"|citerar|citerer|citat från|citat fra|lainaus|idézet|citat din|citez|alıntı|цитирую|цитирование|цитата от|παράθεση)\b",
    re.IGNORECASE,
)
"""What webmail writes instead of a verb: "Quoting Jo <jo@example.com>:"."""

HONORIFIC_WROTE = re.compile(r".{1,60}(?:さん|様|氏)(?:は|が)(?:次のように)?書(?:きました|いた)[:\uff1a]$")
"""Japanese programs put no date: "Joさんは書きました:"."""

DEFINITE = re.compile(
    r"\b(?:the|our|your|his|her|their|my)\s"
    r"|(?<!\bvan )(?<!\bvon )\b(?:der|die|das|unser\w*|eure?r?|ihre?|meine?)\s(?!\S+@)"
    r"|\b(?:le|la|les|el|los|las|il|lo|gli|notre|votre|nuestr[oa]|nostr[oa]|noss[oa]|vår|vores|onze|het|de|nasz|náš|наш|ваш)\s[^\W\d_A-Z]{4,}"
    r"|\bl['\u2019][^\W\d_A-Z]{4,}",
)
"""Of "the driver" a person writes; a program has his name."""

POSTSCRIPT = re.compile(
    r"(?:P\.? ?S\b\.?|[Pp]s(?=[:.])|P\.? ?D\b\.?|N\.? ?B\b\.?|П\. ?С\.|ПС\b|З\. ?Ы\.)[ :.\u2013\uff1a-]{0,3}\w"
)
"""What a person adds below a signature."""

PROGRAM_WORDS = frozenset(
    [
        "heeft",
        "volgende",
        "folgendes",
        "tarihinde",
        "şunu",
        "odesílatel",
        "lietotājs",
        "saatja",
        "giorno",
        "alle",
        "oseba",
        "kell",
        "kello",
        "message",
        "dated",
        "keltezéssel",
        "użytkownik",
        "plkst",
    ]
)
"""Other words of such lines."""

_PRONOUNS = (
    r"\b(?:you|we|i|he|she|they|du|sie|er|wir|ich|vous|tu|il|elle|nous|usted|ustedes|lei|voi|você|vocês|u|je|jij"
    r"|hij|zij|wij|ni|vy|pan|pani|вы|ты|он|она|мы)"
)
PERSON_WROTE = re.compile(rf"{_PRONOUNS} (?:\w+ )?(?:{_WROTE})|(?:{_WROTE}) {_PRONOUNS}\b\W*$", re.IGNORECASE)
"""A person tells who wrote; mail programs write names."""

_ORIGINAL = """
original_message ursprüngliche_nachricht originalnachricht originalmail message_d'origine message_original messaggio_originale
mensaje_original mensagem_original oorspronkelijk_bericht origineel_bericht wiadomość_oryginalna oryginalna_wiadomość
ursprungligt_meddelande originalmeddelande oprindelig_meddelelse opprinnelig_melding alkuperäinen_viesti původní_zpráva
pôvodná_správa eredeti_üzenet mesaj_original mesajul_original orijinal_mesaj özgün_ileti исходное_сообщение
первоначальное_сообщение вихідне_повідомлення оригінальне_повідомлення αρχικό_μήνυμα הודעה_מקורית الرسالة_الأصلية 元のメッセージ
原始邮件 原始郵件 回复的原邮件 转发的邮件 replied_message 원본_이메일 원본_메일 원본_메시지 thư_gốc tin_nhắn_gốc původní_e-mail original-nachricht оригинално_писмо izvorna_poruka оригинално_съобщение
forwarded_message forwarded_by weitergeleitete_nachricht message_transféré message_réexpédié mensaje_reenviado
messaggio_inoltrato mensagem_encaminhada doorgestuurd_bericht wiadomość_przekazana przekazana_wiadomość
vidarebefordrat_meddelande videresendt_meddelelse videresendt_melding välitetty_viesti přeposlaná_zpráva továbbított_üzenet
mesaj_redirecționat iletilmiş_ileti yönlendirilen_ileti пересылаемое_сообщение пересланное_сообщение переслане_повідомлення
προωθημένο_μήνυμα הודעה_שהועברה رسالة_معاد_توجيهها 転送されたメッセージ 转发的邮件 轉寄郵件 전달된_메시지
"""
SEPARATOR = re.compile(
    rf"\W{{2,}}\s*(?:{_alternatives(word.replace('_', ' ') for word in _ORIGINAL.split())})\W{{2,}}\s*$",
    re.IGNORECASE,
)
"""A line such as "-----Original Message-----"."""

FORWARDED = re.compile(
    r"forward|weitergeleitet|transféré|réexpédié|reenviado|inoltrato|encaminhad|doorgestuurd|przekaz|vidarebefordr"
    r"|videresend|välitet|přeposl|továbbít|redirecționat|iletilen|iletilmiş|пересл|пересыл|προωθ|שהועבר|معاد|転送|转发|轉寄|전달",
    re.IGNORECASE,
)
"""A word of a line such as "Begin forwarded message:"."""

_DEVICE = (
    r"(?:iphon|ipad|ipod|android|samsung|galaxy|huawei|xiaomi|pixel|oneplus|nokia|sony|blackberry|windows|outlook"
    r"|gmail|yahoo|proton ?mail|icloud|thunderbird|fairphone|smartphone|mobile (?:device|phone)|mobil|handy"
    r"|tablet|téléphone|móvil|celular|telefon\w*|почты mail|яндекс|mail for|mail\.ru|yandex|aol|web\.de|gmx"
    r"|spark|airmail|edison|qq邮箱|网易)"
)
# What a person says of something sent ("Wir haben es an Ihr Handy gesendet") does not begin so.
_SENT = (
    r"(?:this (?:message|e-?mail|mail) was )?sent (?:from|with|via|using)\b(?! (?:our|your)\b)"
    r"|gesendet (?:von|vom|mit|aus|über)\b|(?:von|vom|aus|mit) (?:mein\w*|der|dem|einem)\b.*\bgesendet\b"
    r"|dies\w* (?:nachricht|e-?mail|mail) wurde (?:von|vom|mit|aus|über)\b.*\bgesendet\b"
    r"|envoyée? (?:de|du|depuis|à partir|avec|via)\b|enviado (?:desde|con)\b|enviad[oa] (?:do|da|a partir|pelo|via)\b"
    r"|inviato (?:da|dal|dall[ao']|con|tramite)\b|(?:verstuurd|verzonden) (?:vanaf|van|met|via|vanuit)\b"
    r"|wysłan[eoa] (?:z|ze|przez|za pomocą)\b|(?:skickat|sendt) (?:från|fra|med|via)\b|lähetetty \S+st[aä]\b"
    r"|(?:odesláno|odoslané) (?:z|ze|zo|pomocí)\b|(?:elküldve|küldve) (?:az?|innen)\b|trimis (?:de pe|din|de la|cu)\b"
    r"|отправлено (?:с|со|из|через|от)\b|надіслано (?:з|із|зі|за)\b|изпратено (?:от|с)\b|poslano (?:s|sa|iz|z|putem)\b"
    r"|στάλθηκε (?:από|μέσω)\b|נשלח (?:מ|באמצעות)|(?:تم الإرسال|أُ?رسلت|مرسل\w*) من\b|(?:được )?gửi từ\b|ส่งจาก"
    r"|dikirim dari\b|发自|發自|[从從由].*(?:发送|傳送|寄出)|.*(?:dan|den|tan|ten) gönderildi\W*$|.*から送信\W*$|.*에서 보냄\W*$"
)
_PROGRAM = r"(?:outlook|yahoo|proton ?mail|bluemail|gmx|web\.de|aol|spark|edison|airmail|mail\.ru|aqua ?mail)"
_GET = (
    r"(?:get|download|holen? sie sich|hole? dir|laden sie|télécharge[rz]|obtene[rz]|obtenir|obtén|descargar|baixar"
    r"|obter|scarica|ottieni|downloaden|pobierz|skaffa|hent|få|hanki|získat|töltse le|obțineți|скачать|отримати|λήψη"
    r"|קבל|获取|取得|下载|下載|unduh|tải)"
)
SENT_FROM = re.compile(
    rf"\W{{0,3}}(?:(?=.*{_DEVICE})(?:{_SENT})|{_GET}\b.{{0,12}}\b{_PROGRAM}\b|.{{0,20}}\b{_PROGRAM}\b.*(?:入手|edinin|beziehen|letöltése))",
    re.IGNORECASE,
)
"""A line such as "Sent from my iPhone"."""

REPLY_ABOVE = re.compile(
    r"#{2,}\s?-\s?.{5,150}\s?-\s?#{2,}$|-{2,}\s?(?:reply|please type your reply) above", re.IGNORECASE
)
"""The line of a help desk below which nothing new stands."""
