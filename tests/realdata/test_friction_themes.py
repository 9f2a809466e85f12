"""The friction themes of real chats: what is found covers most of them, and is steadier than clusters."""

import statistics

from tests.realdata.data_folder import DATA, needed
from tests.realdata.friction_themes import WAYS, measured, read, tables, themes_of

pytestmark = needed("maia")


def test_themes_cover_most_chats_and_are_the_steadiest_without_telling_less():
    brands = read(DATA)
    print("\n".join(tables(brands)))

    for chats in brands:
        found = themes_of(chats)
        assert len(found) >= 5
        assert sum(theme.volume for theme in found) >= 0.6 * len(chats.statements)
    figures = {way: [measured(chats, find) for chats in brands] for way, find in WAYS.items()}
    own = figures.pop("first frequent phrase")
    for found in figures.values():
        assert all(steady > others for (steady, _), (others, _) in zip(own, found, strict=True))
        assert statistics.mean(each[1] for each in own) > statistics.mean(each[1] for each in found) - 0.1
