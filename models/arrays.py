"""The kinds of arrays that models pass on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
"""Where sums over a whole corpus would lose counts in float32."""
Ints = NDArray[np.int64]
Int32s = NDArray[np.int32]
"""Token ids: a corpus of them takes half the memory of ``Ints``."""
Bools = NDArray[np.bool_]
