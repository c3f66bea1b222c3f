"""The two ways in which code is compiled.

A *rule* is a function compiled into whoever calls it. A *kernel* is that too when compiled code
calls it, and an entry point when Python does: compiled to machine code and kept on disk (see
``sim/cache.py``). ``error_model="numpy"``: a division by zero gives inf or nan as in NumPy, without
a branch.

Numba would make machine code of every function that another one calls, and optimise it anew with
every caller. Here what is called stays as the compiler's own code and is optimised once, with the
entry point that it ends up in; and whole numbers come as 64 bits, so that a function is compiled
once and not for every width.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.registry import CPUDispatcher
from numba.extending import intrinsic

_numbers = count()
LINE = 64
"""Bytes of a line of the cache."""
OPTIONS = {"nopython": True, "error_model": "numpy"}


class _NoCode:
    """A code generator that has no machine code to give an environment to."""

    def __init__(self, codegen: Any) -> None:
        self._codegen = codegen

    def set_env(self, *_: Any) -> None:
        """What is compiled into its caller has none of its own."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._codegen, name)


class _Ingredient(JITCodeLibrary):  # type: ignore[misc]
    """A function as the compiler's own code, to be linked into its callers."""

    @property
    def codegen(self) -> _NoCode:
        """Of which Numba asks for no more than an environment."""
        return _NoCode(self._codegen)

    def _optimize_final_module(self) -> None:
        """Its callers are optimised, with it."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """It has no address of its own."""
        return 0


class _IngredientCompiler(Compiler):  # type: ignore[misc]
    """Compiles into such a library, whatever library it is given."""

    def __init__(self, typingctx: Any, targetctx: Any, library: Any, *others: Any) -> None:
        own = _Ingredient(targetctx.codegen(), f"ingredient {next(_numbers)}")
        super().__init__(typingctx, targetctx, own, *others)


def _wide(type_: types.Type) -> types.Type:
    """The type as which an argument comes."""
    type_ = types.unliteral(type_)
    if isinstance(type_, types.Integer) and type_ != types.uint64:
        return types.int64
    return type_


class _Ingredients(CPUDispatcher):  # type: ignore[misc]
    """What compiled code gets of a function."""

    def __init__(self, py_func: Callable[..., Any]) -> None:
        super().__init__(
            py_func,
            targetoptions={**OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True},
            pipeline_class=_IngredientCompiler,
        )

    def get_call_template(self, args: Any, kws: Any) -> Any:
        return super().get_call_template([_wide(t) for t in args], kws)


class _Function(CPUDispatcher):  # type: ignore[misc]
    """A function for Python; compiled code gets it as an ingredient."""

    def __init__(self, py_func: Callable[..., Any]) -> None:
        super().__init__(py_func, targetoptions=OPTIONS)
        self._inner = _Ingredients(py_func)

    def get_call_template(self, args: Any, kws: Any) -> Any:
        return self._inner.get_call_template(args, kws)

    def get_overload(self, sig: Any) -> Any:
        return self._inner.get_overload(sig)


@intrinsic
def _prefetch(typingctx: Any, table: types.Array, row: types.Integer) -> Any:
    """Ask for a row of a table (its first dimension) ahead of its use."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(table)(context, builder, arguments[0])
        step = cgutils.unpack_tuple(builder, array.strides)[0]
        byte = ir.IntType(8).as_pointer()
        word, width = ir.IntType(32), context.get_abi_sizeof(context.get_data_type(table.dtype))
        start = builder.mul(builder.sext(arguments[1], step.type), step)
        first = builder.gep(builder.bitcast(array.data, byte), [start])
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        fetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        begins = [ir.Constant(step.type, offset) for offset in range(0, width, LINE)]
        for offset in (*begins, builder.sub(step, ir.Constant(step.type, 1))):
            place = builder.gep(first, [offset])
            builder.call(fetch, [place, word(0), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(table, row), generate


if config.DISABLE_JIT:

    def prefetch(table: Any, row: int) -> None:
        """Nothing is fetched ahead where nothing is compiled."""

else:
    prefetch = _prefetch


def rule(function: Callable[..., Any]) -> Any:
    """A small pure function, mostly on scalars, compiled into whoever calls it."""
    return function if config.DISABLE_JIT else _Function(function)


def kernel(function: Callable[..., Any]) -> Any:
    """A loop over rows, compiled once when Python calls it and kept on disk."""
    if config.DISABLE_JIT:
        return function
    made = _Function(function)
    made.enable_caching()
    return made
