"""What a Parquet file unpacks to, from its own headers, before anything of it is unpacked.

Only the headers of its pages say what will be allocated: sizes in its footer need not be true. They
are read here once more, and strictly, since what pyarrow shows of a footer can end the process.
"""

from collections.abc import Iterable

MAX_FOOTER_BYTES = 8_000_000
MAX_PARTS = 200_000  # texts and structures in a footer, each up to 700 bytes once it is read
MAX_PAGES = 100_000

# Types of values, and the bytes of those that have one size.
NUMBERS = INT16, INT32, INT64 = 4, 5, 6  # which are all written alike
TEXT, LIST, SET, STRUCTURE = 8, 9, 10, 12
BYTES = {1: 1, 2: 1, 3: 1, 7: 8}
# What the lists of a footer hold, by the number of the field; pyarrow does not ask a list itself.
TEXTS, STRUCTURES = (TEXT,), (STRUCTURE,)
COLUMN = {2: NUMBERS, 3: TEXTS, 8: STRUCTURES, 13: STRUCTURES, 17: {2: NUMBERS}}
COLUMN[16] = {2: NUMBERS, 3: NUMBERS}
GROUP = {1: {3: COLUMN, 8: {2: {1: TEXTS}}}, 4: STRUCTURES}
FOOTER = {2: STRUCTURES, 4: GROUP, 5: STRUCTURES, 7: STRUCTURES}
# Of a footer: rows, groups. Of a group: columns, rows. Of a column: where it is described; how many
# values, how many bytes, where they begin, where its dictionary does. Of a page: its sizes.
ROWS, GROUPS, COLUMNS, DESCRIPTION = (3, INT64), (4, LIST), (1, LIST), (3, STRUCTURE)
VALUES, SIZE, BEGIN, DICTIONARY = (5, INT64), (7, INT64), (9, INT64), (11, INT64)
UNPACKED, PACKED = (2, INT32), (3, INT32)
KEPT = {ROWS, GROUPS, COLUMNS, DESCRIPTION, VALUES, SIZE, BEGIN, DICTIONARY, UNPACKED, PACKED}


def read_footer(content: bytes) -> dict:
    """What is KEPT of the footer.

    Raises:
        ValueError: If it would need much memory to be read, or is not as it should be.
        IndexError: If it is cut short.
    """
    size = int.from_bytes(content[-8:-4], "little")
    if size > MAX_FOOTER_BYTES:
        raise ValueError(f"its footer has {size / 1e6:.1f} MB, of at most {MAX_FOOTER_BYTES / 1e6}")
    return Headers(content[-8 - size : -8]).structure(FOOTER)


def unpacked_size(content: bytes, footer: dict, columns: Iterable[int]) -> int:
    """How many bytes the pages of columns say they unpack to.

    Args:
        content: The file.
        footer: Its own.
        columns: Numbers of columns, none of them nested.

    Raises:
        ValueError: If counts of rows or values contradict each other, a page has an impossible
            size, or there are too many.
        KeyError: If something is missing.
        IndexError: If something is cut short.
    """
    size = pages = rows = 0
    for group in footer[GROUPS]:
        rows += group[ROWS]
        for number in columns:
            column = group[COLUMNS][number][DESCRIPTION]
            if column[VALUES] != group[ROWS]:
                raise ValueError(f"it has {column[VALUES]} values in {group[ROWS]} rows")
            place, dictionary = column[BEGIN], column.get(DICTIONARY, 0)
            if 0 < dictionary < place:
                place = dictionary
            if place < 0 or column[SIZE] < 0:
                raise ValueError(f"it has {column[SIZE]} bytes at {place}")
            end = place + column[SIZE]
            while place < end:
                headers = Headers(content, place)
                page = headers.structure({})
                unpacked, packed = page[UNPACKED], page[PACKED]
                if not (0 <= unpacked < 2**31 and 0 <= packed < 2**31):
                    raise ValueError(f"a page has {packed} bytes that unpack to {unpacked}")
                place, size, pages = headers.place + packed, size + unpacked, pages + 1
                if pages > MAX_PAGES:
                    raise ValueError(f"it has more than {MAX_PAGES:,} pages")
    if rows != footer[ROWS]:
        raise ValueError(f"its parts have {rows} rows, and it says {footer[ROWS]}")
    return size


class Headers:
    """Walks over structures in Thrift's compact protocol, of which the headers are made.

    Source:
        Apache Thrift, doc/specs/thrift-compact-protocol.md; Apache Parquet, parquet.thrift.
    """

    def __init__(self, content: bytes, place: int = 0) -> None:
        self.content, self.place, self.parts = content, place, 0

    def structure(self, lists: dict) -> dict[tuple[int, int], object]:
        """What is KEPT of the next one, by number and type of the field; lists is like FOOTER."""
        self._count_part()
        fields, number = {}, 0
        while kind := (head := self._byte()) & 15:
            before, number = number, number + (head >> 4) if head >> 4 else self._value(INT16, None)
            if not before < number < 2**15:
                raise ValueError("fields of its headers do not come in their order")
            value = None if kind <= 2 else self._value(kind, lists.get(number))
            if (number, kind) in KEPT:
                fields[number, kind] = value
        return fields

    def _value(self, kind: int, holds):
        """The next value; holds is what a list has, and what lists within a structure have."""
        if kind in NUMBERS:
            value = self._varint()
            return value >> 1 ^ -(value & 1)
        inner = holds if isinstance(holds, dict) else {}
        if kind == STRUCTURE:
            return self.structure(inner)
        if kind in (LIST, SET):
            head = self._byte()
            count = head >> 4 if head >> 4 < 15 else self._varint()
            if count and holds and head & 15 not in (STRUCTURES if inner else holds):
                raise ValueError("a list of its footer holds something else")
            values = []
            for _ in range(count):
                value = self._value(head & 15, inner)
                if inner:
                    values.append(value)
            return values
        if kind == TEXT:
            self._count_part()
            self._skip(self._varint())
        else:
            self._skip(BYTES[kind])
        return None

    def _count_part(self) -> None:
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise ValueError(f"its footer has more than {MAX_PARTS:,} parts")

    def _varint(self) -> int:
        value = shift = 0
        while (byte := self._byte()) > 127:
            value |= (byte & 127) << shift
            shift += 7
            if shift > 63:
                break
        value |= byte << shift
        if value >= 2**64:
            raise ValueError("a number in its headers has too many bytes")
        return value

    def _byte(self) -> int:
        self.place += 1
        return self.content[self.place - 1]

    def _skip(self, size: int) -> None:
        self.place += size
        if self.place > len(self.content):
            raise IndexError("its headers are cut short")
