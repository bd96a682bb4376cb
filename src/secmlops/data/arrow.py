"""Names for the Arrow types that this room hands around.

The stubs of Arrow make its arrays generic, the classes themselves are not: hence the two readings of each name.
"""

from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa

if TYPE_CHECKING:
    Values: TypeAlias = pa.Array[Any]
    Chunks: TypeAlias = pa.ChunkedArray[Any]
else:
    Values = pa.Array
    Chunks = pa.ChunkedArray
