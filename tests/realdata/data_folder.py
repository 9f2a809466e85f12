"""Location of the real data sets (outside the repository), and the skip marker where they are missing."""

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("QM_REALDATA") or Path(__file__).parents[3] / "shared" / "data")


def needed(*names: str) -> pytest.MarkDecorator:
    """Skip, with the reason, where one of these folders of the real data is missing."""
    missing = [name for name in names if not (DATA / name).is_dir()]
    reason = f"the real data is not here: {', '.join(missing)} (QM_REALDATA)"
    return pytest.mark.skipif(bool(missing), reason=reason)
