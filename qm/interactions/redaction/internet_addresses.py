"""Detects internet addresses of the public network."""

import re
from collections.abc import Iterator
from ipaddress import IPv6Address, ip_network

from qm.interactions.redaction.scanned_text import PersonalDataSpan, ScannedText
from qm.interactions.redaction.words import Words

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = re.compile(rf"(?<![\w.-]){_OCTET}(?:\.{_OCTET}){{3}}(?![\w-]|\.\d)")
_IPV6 = re.compile(
    rf"(?<![\w:.])(?:[0-9a-f]{{0,4}}:){{2,8}}(?:[0-9a-f]{{1,4}}|:|{_OCTET}(?:\.{_OCTET}){{3}})?(?![\w:])",
    re.IGNORECASE | re.ASCII,
)
# Those of a house or a company say nothing of who somebody is.
_LOCAL = re.compile(r"(?:0|10|127|169\.254|172\.(?:1[6-9]|2\d|3[01])|192\.168|2(?:2[4-9]|[34]\d|5[0-5]))\.")
_LOCAL_NETWORKS = tuple(map(ip_network, ("::/8", "fc00::/7", "fe80::/10", "ff00::/8")))
_INTERNET_WORDS = Words(
    (r"=ip\b", "=ipv", "ip address", "ip-ad", "adresse ip", "dirección ip", "indirizzo ip", "ip адрес")
)
_OTHER_WORDS = Words(
    (
        *("version", "versión", "versione", "версия", "=v", "release", "build", "firmware", "driver"),
        *("update", "section", "clause", "chapter", "abschnitt", "kapitel", "article", "paragraph"),
        *("ziffer", "§"),
    )
)
_GAP = 14


def find_internet_addresses(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    """Yield addresses of version 4 and 6; numbers of versions and chapters look like the former."""
    text = scanned.text
    if may_hold_ipv4(text):
        for found in _IPV4.finditer(text):
            if _LOCAL.match(found.group()) is None and _is_address(scanned, found):
                yield PersonalDataSpan(found.start(), found.end(), "IP")
    if may_hold_ipv6(text):
        for found in _IPV6.finditer(text):
            if _is_public(found.group()):
                yield PersonalDataSpan(found.start(), found.end(), "IP")


def _is_address(scanned: ScannedText, found: re.Match[str]) -> bool:
    if scanned.last_end_before(_INTERNET_WORDS, found.start()) >= 0:
        return True
    other = scanned.last_end_before(_OTHER_WORDS, found.start())
    is_other = other >= 0 and found.start() - other <= _GAP
    # Chapters are small.
    return not is_other and any(len(octet) == 3 for octet in found.group().split("."))


def _is_public(written: str) -> bool:
    try:
        address = IPv6Address(written)
    except ValueError:
        return False
    return not any(address in network for network in _LOCAL_NETWORKS)


def may_hold_ipv4(text: str) -> bool:
    """Whether a text may hold an address of version 4; False is certain."""
    return text.count(".") >= 3 and _FOUR_OCTETS.search(text) is not None


def may_hold_ipv6(text: str) -> bool:
    """Whether a text may hold an address of version 6; False is certain."""
    return "::" in text or (text.count(":") >= 7 and _EIGHT_GROUPS.search(text) is not None)


_FOUR_OCTETS = re.compile(r"\d\.\d{1,3}\.\d{1,3}\.\d")
_EIGHT_GROUPS = re.compile(r":(?:[0-9a-fA-F]{1,4}:){6}")
