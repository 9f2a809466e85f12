"""Array types by dtype, the one place for them."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Float32Array = NDArray[np.float32]
IntArray = NDArray[np.int64]
Int16Array = NDArray[np.int16]
UInt32Array = NDArray[np.uint32]
BoolArray = NDArray[np.bool_]
