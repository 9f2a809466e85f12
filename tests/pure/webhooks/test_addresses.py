"""No address inside a network is reached, however it is written, and whatever a name leads to."""

from ipaddress import ip_address, ip_network

import pytest

from qm.webhooks.addresses import Rules, UnsafeAddress, is_allowed, target_of
from workers.deliveries.sending import NotDelivered, Sender

INSIDE = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.8.9.10
169.254.169.254 169.254.0.1 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.8 192.0.2.1 192.88.99.1
192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.7 224.0.0.1 239.255.255.255 240.0.0.1
255.255.255.255 :: ::1 ::7f00:1 ::10.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
::ffff:0:0 64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1
2001:0:102:304::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:a00:1::1
2002:c0a8:1:: 2002:a9fe:a9fe::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fdff::1 fe80::1
fe80::a9fe:a9fe fec0::1 ff02::1 ff0e::1
""".split()  # noqa: SIM905 - a table, to be read
PUBLIC = """
1.1.1.1 93.184.215.14 172.15.0.1 172.32.0.1 192.0.1.1 192.167.255.255 100.63.255.255 100.128.0.1
198.17.0.1 2606:2800:21f:cb07:6820:80da:af6b:8b2c 2a00:1450:4001:831::200e 64:ff9b::93.184.215.14
::ffff:93.184.215.14 2002:5db8:d70e::1
""".split()  # noqa: SIM905 - a table, to be read


def test_every_special_range_is_refused_and_public_ones_are_not():
    assert [each for each in INSIDE if is_allowed(ip_address(each), Rules())] == []
    assert [each for each in PUBLIC if not is_allowed(ip_address(each), Rules())] == []


def test_a_network_that_the_operator_names_is_reached_and_no_other():
    rules = Rules((ip_network("10.20.0.0/16"), ip_network("fd00:1::/32")))

    for named in ("10.20.0.1", "::ffff:10.20.7.7", "fd00:1::5", "1.1.1.1"):
        assert is_allowed(ip_address(named), rules), named
    for other in ("10.21.0.1", "::ffff:10.21.0.1", "169.254.169.254", "fd00:2::5", "64:ff9b::10.21.0.1"):
        assert not is_allowed(ip_address(other), rules), other


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "//example.com/",
        "example.com",
        "https://",
        "https:///path",
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "https://example.com/#part",
        "https://example.com:22/",
        "https://example.com:25/",
        "https://example.com:80/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://example.com:x/",
        "https://exa mple.com/",
        "https://example.com/\r\nHost: other",
        "https://example.com\\@127.0.0.1/",
        "https://bücher.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[fe80::1%25eth0]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://017700000001/",
        "https://127.1/",
        "https://10.0.0.1./",
        "https://example.com/" + "x" * 2000,
    ],
)
def test_addresses_that_nothing_is_sent_to(url):
    with pytest.raises(UnsafeAddress):
        target_of(url, Rules())


def test_an_address_is_taken_apart():
    plain = target_of("https://hooks.example.com/qm?tenant=7", Rules())
    other = target_of("https://[2606:2800:21f::1]:8443", Rules())

    assert (plain.host, plain.port, plain.authority, plain.path, plain.secure) == (
        *("hooks.example.com", 443, "hooks.example.com", "/qm?tenant=7", True),
    )
    assert (other.host, other.authority, other.path) == ("2606:2800:21f::1", "[2606:2800:21f::1]:8443", "/")
    assert target_of("http://10.0.0.1:81/", Rules((ip_network("10.0.0.0/8"),), plain_http=True)).port == 81


@pytest.mark.parametrize(
    "found",
    [["127.0.0.1"], ["169.254.169.254"], ["93.184.215.14", "10.0.0.1"], ["::1"], ["::ffff:192.168.1.1"], []],
)
@pytest.mark.parametrize("name", ["events.example.com", "localhost"])
def test_a_name_that_leads_inside_is_refused_after_one_look_and_nothing_is_connected_to(
    monkeypatch, name, found
):
    asked = []
    monkeypatch.setattr("socket.create_connection", lambda *_, **__: pytest.fail("it connected"))

    def resolver(host, port):
        asked.append((host, port))
        return [ip_address(each) for each in found]

    with pytest.raises(NotDelivered, match="leads to a network") as refused:
        Sender(Rules(), resolver).post(f"https://{name}/", {}, b"{}")

    assert asked == [(name, 443)]
    assert not any(each in str(refused.value) for each in found)


def test_whatever_a_name_leads_to_next_the_address_that_was_looked_at_is_connected_to(monkeypatch):
    answers = iter([[ip_address("93.184.215.14")], [ip_address("127.0.0.1")]])
    connected = []

    def connect(address, **_):
        connected.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr("socket.create_connection", connect)
    with pytest.raises(NotDelivered, match="Connection refused"):
        Sender(Rules(), lambda *_: next(answers)).post("https://events.example.com/", {}, b"{}")

    assert connected == [("93.184.215.14", 443)]
    assert next(answers) == [ip_address("127.0.0.1")]  # nobody asked again
