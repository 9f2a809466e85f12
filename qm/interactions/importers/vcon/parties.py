"""Reads the parties of a vCon: their roles, and which of them a speaker label means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from qm.interactions.importers.imported import DeviationLog

_AGENTS = """
agent representative rep advisor adviser operator employee staff support csr supervisor expert host callee consultant
technician mitarbeiter mitarbeiterin berater beraterin bearbeiter conseiller conseillère téléconseiller agente asesor
asesora operador operadora atendente operatore operatrice consulente medewerker konsultant konsultantka operatör temsilci
müşteri_temsilcisi оператор агент менеджер специалист агентка 客服 坐席 座席 客服人员 オペレーター 担当者 担当 상담원 상담사 وكيل الموظف
נציג נציגה εκπρόσωπος operátor handläggare medarbejder asiakaspalvelija
"""  # noqa: E501
_CUSTOMERS = """
customer client caller consumer contact user guest patient kunde kundin anrufer anruferin cliente klant beller klient
klientka zákazník zákaznice kund asiakas müşteri клиент клиентка клієнт покупатель 客户 客戶 顾客 顧客 用户 お客様 客 고객 고객님
عميل العميل לקוח לקוחה πελάτης ügyfél
"""  # noqa: E501
_ROLES: Mapping[str, str] = {
    **{word.replace("_", " "): "agent" for word in _AGENTS.split()},
    **dict.fromkeys(_CUSTOMERS.split(), "customer"),
    **dict.fromkeys(("bot", "ivr", "assistant", "chatbot", "ai", "voicebot"), "bot"),
    "system": "system",
}
MAX_PARTIES = 200
_IDS = ("agent_id", "external_id", "employee_id", "id", "uuid", "sip")


@dataclass(slots=True)
class Party:
    """One party of a conversation; an unknown role is empty."""

    role: str = ""
    name: str = ""
    id: str = ""
    addresses: frozenset[str] = frozenset()


@dataclass(slots=True)
class Parties:
    """The parties of one vCon, by index."""

    by_index: list[Party] = field(default_factory=list)
    labels: dict[str, int | None] = field(default_factory=dict)

    def role(self, index: int | None) -> str:
        """Return the role of a party, empty if unknown."""
        return self.by_index[index].role if index is not None and 0 <= index < len(self.by_index) else ""

    def find(self, label: str) -> int | None:
        """Return the party that a speaker label means, by name or address."""
        key = label.casefold().strip()
        if key not in self.labels:
            self.labels[key] = self._find(key)
        return self.labels[key]

    def _find(self, key: str) -> int | None:
        for index, party in enumerate(self.by_index):
            if key and (key == party.name.casefold() or key in party.addresses):
                return index
        for index, party in enumerate(self.by_index):
            if key and key in party.name.casefold().split():
                return index
        words = key.split()
        named = [index for index, party in enumerate(self.by_index) if party.name.casefold() in words]
        return named[0] if len(named) == 1 else None


def role_from_label(label: str) -> str:
    """Return the role that a label such as "Agent", "agent 1" or "Customer:" means, empty if none."""
    for word in label.casefold().replace("_", " ").replace("-", " ").split():
        role = _ROLES.get(word.strip(":.()[]0123456789"))
        if role:
            return role
    return ""


def read_parties(vcon: Mapping[str, Any], notes: DeviationLog) -> Parties:
    """Read names, ids and roles of all parties; missing roles are inferred, with a deviation."""
    given = vcon.get("parties")
    if not isinstance(given, list):
        notes.add("/parties", "missing" if given is None else "wrong_type", "There is no list of parties.")
        given = []
    if len(given) > MAX_PARTIES:
        notes.add("/parties", "too_many", f"Only the first {MAX_PARTIES} parties were read.")
        given = given[:MAX_PARTIES]
    parties = Parties([_party(each, f"/parties/{index}", notes) for index, each in enumerate(given)])
    _infer_roles(parties, vcon.get("dialog"), notes)
    return parties


def _party(given: Any, pointer: str, notes: DeviationLog) -> Party:
    if not isinstance(given, Mapping):
        notes.add(pointer, "wrong_type", "This party is no object; nothing is known of it.")
        return Party()
    meta = given.get("meta")
    meta = meta if isinstance(meta, Mapping) else {}
    role = role_from_label(clean_text(given.get("role")))
    if not role:
        role = role_from_label(clean_text(meta.get("role")))
        if role:
            notes.add(
                f"{pointer}/meta/role", "role_in_meta", "The role stands in meta; it should stand in role."
            )
    if not role and clean_text(given.get("type")).casefold() == "bot":
        role = "bot"
    ids = [clean_text(place.get(key)) for place in (given, meta) for key in _IDS]
    addresses = (clean_text(given.get(key)) for key in ("tel", "mailto", "email", "sip", "uuid"))
    if "email" in given:
        notes.add(
            f"{pointer}/email", "unknown_field", "The address stands in email; it should stand in mailto."
        )
    return Party(
        role=role,
        name=clean_text(given.get("name")),
        id=next((each for each in ids if each and len(each) <= 200), ""),
        addresses=frozenset(each.casefold().removeprefix("mailto:") for each in addresses if each),
    )


def clean_text(value: Any) -> str:
    """Return a trimmed text without characters that cannot be stored; empty if the value is not a string."""
    return remove_invalid_characters(value).strip() if isinstance(value, str) else ""


def remove_invalid_characters(text: str) -> str:
    """Return the text without NUL characters and lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")


def _infer_roles(parties: Parties, dialogs: Any, notes: DeviationLog) -> None:
    """Infer missing roles: the originator is the customer unless there is one, all others are agents."""
    unknown = [index for index, party in enumerate(parties.by_index) if not party.role]
    roles = dict.fromkeys(unknown, "agent")
    if unknown and all(party.role != "customer" for party in parties.by_index):
        caller = _find_customer(dialogs, len(parties.by_index))
        roles[caller if caller is not None and caller in roles else unknown[0]] = "customer"
    for index, role in roles.items():
        parties.by_index[index].role = role
        notes.add(f"/parties/{index}", "role_assumed", f"The party's role is not said; taken for the {role}.")


def _find_customer(dialogs: Any, count: int) -> int | None:
    """Return the originator of the first dialog, or the other party if the call was outbound."""
    for dialog in dialogs if isinstance(dialogs, list) else ():
        if not isinstance(dialog, Mapping):
            continue
        indexes = party_indexes(dialog)
        if not indexes or indexes[0] >= count:
            continue
        meta = dialog.get("meta")
        direction = clean_text(meta.get("direction")) if isinstance(meta, Mapping) else ""
        if direction.casefold().startswith("out"):
            return next((index for index in indexes if index != indexes[0] and index < count), None)
        return indexes[0]
    return None


def party_indexes(dialog: Mapping[str, Any]) -> Sequence[int]:
    """Return the parties of a dialog, its originator first."""
    given = dialog.get("parties")
    listed = given if isinstance(given, list) else [given]
    flat = [each for item in listed for each in (item if isinstance(item, list) else [item])]
    indexes = [each for each in flat if is_index(each)][:MAX_PARTIES]
    originator = dialog.get("originator")
    return (
        [originator, *(each for each in indexes if each != originator)] if is_index(originator) else indexes
    )


def is_index(value: Any) -> TypeGuard[int]:
    """Whether a value can be the index of a party or a dialog."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
