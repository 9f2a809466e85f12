"""Words that announce passwords, PINs and one-time codes, in lower case, as `announcing_words` has them."""

import re

from qm.interactions.redaction.words import Words

_PASSWORDS = r"""
password, passwort, passwrd, =passwd\b, =pwd\b, =pw\b, =pass(?= ?[:=]), passphrase, kennwort, mot de passe, =clave, =mdp\b, contraseña, contrasena,
palavra-passe, =senha, wachtwoord, =hasło, =haslo, =heslo, =parool, lösenord, losenord, adgangskode, kodeord, passord, salasana, jelszó,
jelszava, =parol, =şifre, =sifre, =lozink, mật khẩu, kata sandi, slaptažod, парол, κωδικό πρόσβασης, סיסמ, كلمة المرور,
كلمة السر, पासवर्ड, パスワード, 密码, 密碼, 口令, 비밀번호, 패스워드, 암호, รหัสผ่าน
"""
_CODES = r"""
=pin\b, =pin(?:code|kod|-code|-kod|nummer|number), =otp\b, =totp\b, passcode, =tan\b, =m-?tan\b, =2fa\b, =mfa\b, authenticator, google code,
code (?:you|we|i) (?:texted|sent|got|received|gave)(?: \w+)?, one[ -]time (?:code|pass\w*|pin), code by sms, code by text, code from the sms, code via sms, code via text, code in the sms,
bestätigungscode, einmalcode, einmalpasswort, verifizierungscode, sicherheitscode, freischaltcode, zugangscode,
sms[ -]code, code (?:reçu )?par sms, code de (?:vérification|confirmation|validation), code à usage unique,
code confidentiel, code secret, codice (?:di (?:verifica|conferma|accesso)|otp|sms|pin), código sms,
código (?:de|del|do|por) (?:verificación|verificação|confirmación|confirmação|acceso|acesso|seguridad|segurança|sms),
clave (?:dinámica|temporal|de acceso), verificatiecode, bevestigingscode, inlogcode, toegangscode,
kod (?:weryfikacyjny|sms|z sms|z sms-a|pin|autoryzacyjny|jednorazowy), ověřovací kód, overovací kód, potvrzovací kód,
sms kód, kód z sms, doğrulama kodu, onay kodu, sms kodu, güvenlik kodu, verifieringskod, engångskod, engangskode,
bekræftelseskode, bekreftelseskode, vahvistuskood, kertakäyttö, ellenőrző kód, megerősítő kód,
cod(?:ul)? de (?:verificare|confirmare|acces), kontrolni kod, verifikacijski kod, mã (?:otp|xác nhận|xác thực),
kode (?:otp|verifikasi), код (?:из|с|по) смс, код из sms, код (?:подтверждения|доступа), =пин(?:-?код)?\b,
одноразовый (?:код|пароль), код підтвердження, =пін(?:-?код)?\b, код за потвърждение, κωδικός επαλήθευσης,
קוד אימות, קוד האימות, رمز التحقق, كود التحقق, كود التفعيل, رمز السري, رمز سري, رقم السري, رقم سري,
رمز دوم, رمز عبور, گذرواژه, ओटीपी, पिन, 認証コード, 確認コード, 暗証番号, 验证码,
驗證碼, 校验码, 动态码, 인증번호, 인증 번호, 인증코드, 핀번호, รหัส otp, รหัสยืนยัน
"""
_KINDS_OF_CODES = """
verification, verify, confirmation, auth, authentication, authorisation, authorization, login, sign-in, signin,
access, activation, recovery, reset, sms, unlock, two-factor, security
"""
_BETWEEN = """
is, was, are, it's, its, code, codes, number, no, nr, num, the, my, our, your, now, still, reads, says, current, new, currently,
for it, i got, i have, we sent you, you sent me, yes, sure, ok, okay, so, here, that's, ist, lautet, war, mein, meine, dein, ihr,
ihre, neue, neues, nummer, ja, est, c'est, le, mon, ma, votre, oui, es, mi, su, tu, el, la, sí, é, è, e, meu, minha, sua,
seu, o, a, mio, mia, tuo, numer, to, jest, moje, je, můj, de, van, mijn, är, er, on, mitt, min, olan, este, meu, az, это, мой, моя,
ваш, код, номер, είναι, הוא, היא, هو, هي, है, là, adalah, saya, คือ, reçu, שלי, שלך, par sms, via sms, by text, by sms
"""


def _split(words: str) -> tuple[str, ...]:
    return tuple(re.split(r",\s+", words.strip()))


PASSWORD_WORDS = Words(_split(_PASSWORDS))
CODE_WORDS = Words((*_split(_CODES), *(f"={kind} code" for kind in _split(_KINDS_OF_CODES))))
COPULAS = "is|was|are|ist|lautet|war|est|es|era|é|è|to|jest|je|är|er|on|is nu|este|az|это|είναι|הוא|היא|هو|هي|है|là|adalah|คือ"
"""Words behind which stands what was announced, after whatever else was said of it."""
BETWEEN = "|".join(_split(_BETWEEN))
"""Words that stand between these and what they announce."""
