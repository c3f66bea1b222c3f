"""``World``: all tables of one market behind one pointer.

Kernels take a single argument ``w`` and read ``w.orders.buyer[row]``, as Python reads
``w.orders["buyer"]``. Passing fifty arrays through every rule made Numba compile for minutes; so
``World`` is a small Numba type of its own: a pointer to a list of (address, shape), from which an
attribute builds its array without a reference count. ``World`` keeps the arrays alive. Tables of
one row (``now``, ``p``) are read as records: ``w.now.day``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.core import cgutils, types
from numba.core.datamodel import PrimitiveModel, register_default
from numba.core.typing.templates import AttributeTemplate
from numba.extending import NativeValue, infer_getattr, lower_getattr_generic, typeof_impl, unbox
from numba.np import numpy_support
from numba.np.arrayobj import populate_array

from sim.memory import zeros
from sim.state import RECORDS, TABLES

_WORDS = 3  # address and two lengths for every table
_NAMES = (*RECORDS, *TABLES)


class World:
    """All state and parameters of one market: the tables of ``sim.state`` as attributes.

    Raises TypeError when a table is missing, unknown, or of another type or dimension.
    """

    def __init__(self, **tables: np.ndarray) -> None:
        self._list = np.zeros((len(_NAMES), _WORDS), np.int64)
        if set(tables) != set(_NAMES):
            raise TypeError(f"tables missing or unknown: {sorted(set(tables) ^ set(_NAMES))}")
        self.replace(**tables)

    def replace(self, **tables: np.ndarray) -> None:
        """Put other arrays in the place of tables, for example larger ones."""
        for name, array in tables.items():
            dtype, ndim = (RECORDS[name], 1) if name in RECORDS else TABLES[name]
            if array.dtype != dtype or array.ndim != ndim or not array.flags.c_contiguous:
                raise TypeError(f"{name}: a contiguous {ndim}-d array of {dtype} is needed")
            self._list[_NAMES.index(name), : 1 + ndim] = (array.ctypes.data, *array.shape)
            self.__dict__[name] = array
        self._address = self._list.ctypes.data

    def __reduce__(self) -> tuple[Any, ...]:  # a copy must point to its own arrays
        return _from_tables, (self.tables(),)

    def __getattr__(self, name: str) -> Any:  # for type checkers: tables are set by replace()
        raise AttributeError(name)

    def count(self, name: str) -> int:
        """One number of the record ``now``."""
        return int(self.now[name][0])

    def tables(self) -> dict[str, np.ndarray]:
        """All tables by name."""
        return {name: self.__dict__[name] for name in _NAMES}

    def copy(self) -> World:
        """An independent world in the same state."""
        return World(**{name: _copied(array) for name, array in self.tables().items()})


def _copied(array: np.ndarray) -> np.ndarray:
    """The same bytes, those between the fields of a record included, which hashes see."""
    twin = zeros(array.shape, array.dtype)
    twin.view(np.uint8)[...] = array.view(np.uint8)
    return twin


def _from_tables(tables: dict[str, np.ndarray]) -> World:
    return World(**tables)


class WorldType(types.Type):
    """Numba's type of a World."""

    def __init__(self) -> None:
        super().__init__(name="World")


WORLD_TYPE = WorldType()


World._numba_type_ = WORLD_TYPE  # type: ignore[attr-defined]


@typeof_impl.register(World)
def _typeof_world(value, context):
    return WORLD_TYPE


@register_default(WorldType)
class _WorldModel(PrimitiveModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, cgutils.voidptr_t)


@unbox(WorldType)
def _unbox_world(typ, value, c):
    address = c.pyapi.object_getattr_string(value, "_address")
    pointer = c.pyapi.long_as_voidptr(address)
    c.pyapi.decref(address)
    return NativeValue(pointer, is_error=cgutils.is_not_null(c.builder, c.pyapi.err_occurred()))


def _type_of(name: str) -> types.Type | None:
    if name in RECORDS:
        return numpy_support.from_dtype(RECORDS[name])
    if name in TABLES:
        dtype, ndim = TABLES[name]
        return types.Array(numpy_support.from_dtype(dtype), ndim, "C")
    return None


@infer_getattr
class _WorldAttributes(AttributeTemplate):
    key = WorldType

    def generic_resolve(self, typ, attr):
        return _type_of(attr)


@lower_getattr_generic(WorldType)
def _get_table(context, builder, typ, pointer, name):
    """Build the array (or the pointer to the record) that a table's address and shape describe."""
    result_type = _type_of(name)
    words = builder.bitcast(pointer, cgutils.intp_t.as_pointer())
    first = _NAMES.index(name) * _WORDS

    def word(k):  # the same for as long as a kernel runs, whatever it writes
        load = builder.load(builder.gep(words, [cgutils.intp_t(first + k)]))
        load.set_metadata("invariant.load", builder.module.add_metadata([]))
        return load

    address = builder.inttoptr(word(0), cgutils.voidptr_t)
    if name in RECORDS:
        return builder.bitcast(address, context.get_value_type(result_type))
    array = context.make_array(result_type)(context, builder)
    item = context.get_abi_sizeof(context.get_data_type(result_type.dtype))
    itemsize = cgutils.intp_t(item)
    shape = [word(1 + k) for k in range(result_type.ndim)]
    strides = [itemsize] if len(shape) == 1 else [builder.mul(shape[1], itemsize), itemsize]
    data = builder.bitcast(address, array.data.type)
    populate_array(array, data=data, shape=shape, strides=strides, itemsize=itemsize, meminfo=None)
    return array._getvalue()
