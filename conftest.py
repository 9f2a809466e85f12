"""Before anything loads numpy: one thread for its arithmetic, as in every process that QM starts."""

import os

from workers.thread_limits import ONE_THREAD

os.environ.update(ONE_THREAD)

# The examples in the product's docstrings are tests too; its migrations are for alembic alone to load.
collect_ignore_glob = ["infra/migrations/*"]
