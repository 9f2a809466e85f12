"""Before anything loads numpy: one thread for its arithmetic, as in every process that QM starts."""

import os

from workers.threads import ONE_THREAD

os.environ.update(ONE_THREAD)
