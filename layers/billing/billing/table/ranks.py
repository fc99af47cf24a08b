"""Where the n-th live object of a list stands: bit maps of 1,024 sequence numbers, counts of 1,024 maps. Pure.

A map only ever gains bits, so merging changes in any order, late or twice, comes to the same map.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

WIDTH = 1024
"""Sequence numbers to a map, and maps to an item of counts."""

_COUNTS = struct.Struct(f"<{WIDTH}H")
_MAP_BYTES = WIDTH // 8


@dataclass(frozen=True, slots=True)
class RankMap:
    """Which of 1,024 sequence numbers were ever given to an object (born), and which of those objects are gone."""

    born: int = 0
    gone: int = 0

    @classmethod
    def of(cls, sequence: int, *, gone: bool) -> Self:
        """Return what one object adds to its map. To be gone it must have been born."""
        bit = 1 << sequence % WIDTH
        return cls(bit, bit if gone else 0)

    @classmethod
    def from_bytes(cls, born: bytes, gone: bytes) -> Self:
        """Return the map that `to_bytes` wrote."""
        return cls(int.from_bytes(born, "little"), int.from_bytes(gone, "little"))

    def to_bytes(self) -> tuple[bytes, bytes]:
        """Return both bit maps, 128 bytes each, the lowest sequence number first."""
        return self.born.to_bytes(_MAP_BYTES, "little"), self.gone.to_bytes(_MAP_BYTES, "little")

    def merged(self, other: "RankMap") -> "RankMap":
        """Return what both know together."""
        return RankMap(self.born | other.born, self.gone | other.gone)

    def until(self, place: int) -> "RankMap":
        """Return the map as far as a place, that one included."""
        return RankMap(self.born & (1 << min(place + 1, WIDTH)) - 1, self.gone)

    @property
    def live(self) -> int:
        """How many objects are alive."""
        return self._bits.bit_count()

    @property
    def newest(self) -> int:
        """Place in the map of the newest object ever born, -1 if there is none."""
        return self.born.bit_length() - 1

    def find(self, rank: int) -> int | None:
        """Return the place in the map of the live object that has `rank` newer live ones, None if there are fewer."""
        bits = self._bits
        if rank >= bits.bit_count():
            return None
        low, high = 0, WIDTH
        while high - low > 1:
            middle = (low + high) // 2
            newer = (bits >> middle & (1 << high - middle) - 1).bit_count()
            if rank < newer:
                low = middle
            else:
                rank -= newer
                high = middle
        return low

    @property
    def _bits(self) -> int:
        return self.born & ~self.gone


@dataclass(frozen=True, slots=True)
class Counts:
    """How many live objects each of 1,024 maps has, and the highest sequence number that is in any of them."""

    live: tuple[int, ...] = (0,) * WIDTH
    watermark: int = 0

    @classmethod
    def from_bytes(cls, live: bytes, watermark: int) -> Self:
        """Return the counts that `to_bytes` wrote."""
        return cls(_COUNTS.unpack(live), watermark)

    def to_bytes(self) -> bytes:
        """Return the counts, two bytes each."""
        return _COUNTS.pack(*self.live)

    def updated(self, maps: Mapping[int, RankMap]) -> "Counts":
        """Return the counts with those of whole maps, given by their number in the list."""
        live = list(self.live)
        for number, each in maps.items():
            live[number % WIDTH] = each.live
        watermark = max((number * WIDTH + each.newest for number, each in maps.items()), default=0)
        return Counts(tuple(live), max(self.watermark, watermark))

    def find(self, rank: int) -> tuple[int, int] | None:
        """Return the map that holds the live object with `rank` newer ones, and its rank within; None if fewer live."""
        for place in range(WIDTH - 1, -1, -1):
            if rank < self.live[place]:
                return place, rank
            rank -= self.live[place]
        return None
