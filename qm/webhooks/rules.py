"""What the settings of an installation allow to send to."""

from ipaddress import ip_network

from qm.settings import Settings
from qm.webhooks.addresses import Rules


def rules_of(settings: Settings) -> Rules:
    """Return which networks that are not public, and whether http without TLS, are allowed."""
    named = settings.webhook_networks.replace(",", " ").split()
    networks = () if named == ["none"] else tuple(map(ip_network, named))
    return Rules(networks, settings.webhook_http == "yes")
