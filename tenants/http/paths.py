"""Parts of addresses that hold ids of other systems."""

from werkzeug.routing import PathConverter


class AnyTextConverter(PathConverter):
    """Any text that is not empty; unlike <path:> it may begin with a slash."""

    part_isolating = False
    regex = ".+?"
