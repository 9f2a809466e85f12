"""Words before a number that say what it is, in lower case; = in front: only at the start of a word.

Placeholders of what has been masked announce nothing: they are looked back at and left out.
"""

import re

from qm.interactions.redaction.words import Words

_WHOSE = "my, your, our, his, her, their, new, the, a, this, that, best"
_KINDS = (
    r"(?:own |contact |direct |home |work |office |business |daytime |private |main |second )?"
    r"(?:number|no\b|nr\b|num\b|digits)"
)
_CALLS = r"""
phone(?<!\[phone), =tel\b, mobile, =cell, =call(?:s|ed|ing)?\b, =ring\b, =text me, whats ?app, =sms,
=reach\b, =reach(?:ed|able), =fax\b, =dial, =contact, =get me\b, =get hold of, =use instead,
here(?:'s|\u2019s| is) my number,
telefon, handy, mobil, rückruf, erreich, =ruf, anruf, kontaktier, unter der nummer,
=meine (?:neue |private )?nummer, =deine (?:neue |private )?nummer, =ihre (?:neue |private )?nummer,
=unsere (?:neue |private )?nummer, =seine (?:neue |private )?nummer, =die (?:neue |private )?nummer, festnetz, durchwahl,
téléphon, portable, appel, joign, joindre, =mon numéro, =ton numéro, =votre numéro, =notre numéro, =son numéro, =le numéro,
rappel,
teléfono, telefono, móvil, llám, llam, celular, =mi número, =tu número, =su número, =nuestro número, =el número, contáct,
telefone, telemóvel, =lig(?:a|ue|ar), =meu número, =seu número, =nosso número, =o número, contat, contacto, zap,
cellulare, chiam, =mio numero, =tuo numero, =suo numero, =nostro numero, =il numero, recapito, contatta,
=mijn nummer, =jouw nummer, =uw nummer, =onze nummer, =het nummer, =je nummer, =bel(?:len)?(?: me| mij| ons)?, telefoon, =gsm,
bereik,
=mitt (?:nummer|nr), =ditt (?:nummer|nr), =vårt (?:nummer|nr), =min (?:nummer|nr), =mit (?:nummer|nr), =vores (?:nummer|nr),
=mitt (?:nummer|nr), =mit (?:nummer|nr), =ring, puhelin, numeroni, =soita, kännykk,
=mój numer, =twój numer, =nasz numer, =mojego numer, zadzwo, dzwoni, komórk, =kom[.:], kontakt,
=moje číslo, číslo, zavolej, volejte, zavolajte, =számom, telefonszám, hívj, hívjon,
=numărul meu, sunaț, sună, numaram, telefonum, arayın, =ara(?:yabilir|mak), =cep,
телефон, позвон, звон, =мой номер, =мій номер, =наш номер, =ваш номер, =его номер, =её номер, =по номер, =на номер, мобильн,
сотов, мобільн, дзвон,
телефонуйте, набер, вотсап, ватсап, τηλέφων, κινητ, κάλεσ, καλέσ, πάρε με, =τηλ\b, τηλεφων, =κιν\b, =тел\b, =моб\b, =tlf\b,
=tlfn?o?\b, =tfno?\b, =tél\b, =telf?\b, =mob\b, =ph\b, =puh\b, =num\b, =mam numer, =număr, =nr de tel, טל', טל׳, ο αριθμός μου,
טלפון, נייד, התקשר, המספר שלי, הפלאפון, סלולרי, וואטסאפ,
رقمي, هاتف, جوال, اتصل, موبايل, تلفون, واتس, محمول, شماره, تماس, موبایل,
मेरा नंबर, नंबर, फोन, फ़ोन, मोबाइल, कॉल,
போன், ஃபோன், தொலைபேசி, அலைபேசி, மொபைல், கைபேசி, என் எண்,
ఫోన్, మొబైల్, నా నంబర్, ಫೋನ್, ಮೊಬೈಲ್, ದೂರವಾಣಿ, ನನ್ನ ನಂಬರ್,
ഫോൺ, ഫോണ്‍, മൊബൈൽ, എന്റെ നമ്പർ, ફોન, મોબાઇલ, મોબાઈલ, મારો નંબર,
ਫੋਨ, ਫ਼ੋਨ, ਮੋਬਾਈਲ, ਮੇਰਾ ਨੰਬਰ, ফোন, মোবাইল, আমার নম্বর, আমার নাম্বার,
ტელეფონ, მობილურ, ჩემი ნომერ, დამირეკ, հեռախոս, բջջային, իմ համար,
เบอร์, โทร, มือถือ, =gọi, số điện thoại, =sđt, =hp[:. ],
電話, でんわ, 携帯, ケータイ, 連絡先, 番号は(?<!注文番号は)(?<!伝票番号は)(?<!会員番号は)(?<!追跡番号は), お電話,
电话, 手机, 手機, 联系, 聯絡, 聯繫, 打给, 拨打, 撥打, 致电, 微信, 号码是(?<!订单号码是)(?<!訂單号码是),
전화, 휴대폰, 핸드폰, 연락처, 제 번호, 번호는(?<!주문번호는)(?<!송장번호는), 폰번호, 연락
"""
_REFERENCES = r"""
order, track, parcel, shipment, invoice, ticket, =case\b, refer, =ref\b, account, serial,
=sku, =item, article, model, policy, booking, confirmation, reservation, transaction, voucher,
customer (?:id|no|number), client (?:id|no|number), user id, =id , =batch, =lot , =imei, =ean, #,
points, promo, bestell, rechnung, sendung, auftrag, vertrag, kunde, vorgang, serien,
commande, facture, =colis, dossier, contrat, pedido, factura, fatura, encomenda, contrato, ordine,
fattura, spedizione, =bestelling, factuur, zending, zamówien, faktur, przesył, objednáv, zásilk,
rendelés, számla száma, comandă, factur, sipariş, fatura, заказ, замовлен, счет, рахун, посыл, трек,
παραγγελ, τιμολόγ, הזמנה, חשבונית, משלוח, الطلب, طلب, فاتورة, शुल्क, ऑर्डर, คำสั่งซื้อ, ออเดอร์,
注文, 伝票, 請求, 追跡, 会員, 订单, 訂單, 发票, 快递单, 運單, 运单, 单号, 單號, 会员,
주문, 송장, 운송장, 영수증
"""
_CARD_CODES = r"""
=cvv2?(?:[_ -]?code)?\b(?<!\[cvv), =cvc2?(?:[_ -]?code)?\b, =c\.v\.[vc]\b, =cvn\b, =csc\b, =c v [vc]2?\b, =see vee [vs]ee\b,
=cav2?\b, card (?:verification|security|validation),
security (?:code|number|digits), verification (?:value|digits), on the back, at the back, signature strip,
kartenprüf, prüfnummer, prüfziffer, sicherheitscode, sicherheitsnummer, kartencode,
cryptogramme, code de sécurité, au dos, código de (?:seguridad|segurança), codice di sicurezza,
beveiligingscode, kod bezpiecze, bezpečnostní kód, güvenlik kodu, sikkerhetskode, sikkerhedskode,
säkerhetskod, turvakoodi, código de verificación, cód\.? ?seg, kod cvv, код безопасности, cvv-код,
код на обороте, κωδικό[ςσ] ασφαλείας, קוד אבטחה, בגב הכרטיס, رمز الأمان, رمز التحقق, सीवीवी,
セキュリティコード, セキュリティ番号, 安全コード, mã bảo mật, รหัสความปลอดภัย, kode keamanan, 安全码, 安全碼, 验证码是卡, 背面, 보안코드, 보안 코드, 카드 뒷면
"""
_EXPIRY_DATES = r"""
=exp\b, =expir(?<!\[expir), =expdate, valid (?:thru|through|until|till|to), good thru, =mm/yy, gültig bis, ablauf,
verfall, =expire, valable jusqu, date d'expiration, caduc, vencim, válido até, validade, scadenza,
vervaldatum, geldig tot, ważna do, data ważności, platnost, son kullanma, срок действия, годен до,
действует до, 有効期限, 有效期, 유효기간, تاريخ الانتهاء, תוקף
"""
_MAILS = r"""
e-?mail(?<!\[email), =mail, correo, courriel, почт, пошт, адрес, メール, 邮箱, 메일
"""


def _split(words: str) -> tuple[str, ...]:
    return tuple(re.split(r",\s+", words.strip()))


CALL_WORDS = Words((*_split(_CALLS), *(f"={whose} {_KINDS}" for whose in _split(_WHOSE))))
REFERENCE_WORDS = Words(_split(_REFERENCES))
"""Words for what customers have numbers of, which look like phone numbers."""
CARD_CODE_WORDS = Words(_split(_CARD_CODES))
EXPIRY_WORDS = Words(_split(_EXPIRY_DATES))
MAIL_WORDS = Words(_split(_MAILS))
