"""Is a request what the pinned SDK's own parameter types say? Names the field that is not."""

from __future__ import annotations

import re
import types
import typing
from decimal import Decimal
from functools import cache
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, is_typeddict

import typing_extensions
from stripe._request_options import RequestOptions

OPTIONS = set(RequestOptions.__annotations__)


def unflatten(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """a[b][0]=c as nested dicts; list positions stay keys."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        keys = re.findall(r"[^\[\]]+", name)
        at = found
        for key in keys[:-1]:
            at = at.setdefault(key, {})
        at[keys[-1]] = value
    return found


@cache
def hints(shape: type) -> dict[str, Any]:
    names = {"StripeContext": object, "Mapping": dict}  # in the options, which we leave out
    return typing_extensions.get_type_hints(shape, localns=names, include_extras=True)


def faults(value: Any, shape: Any, path: str = "") -> list[str]:
    origin = get_origin(shape)
    if origin in (NotRequired, Required):
        return faults(value, get_args(shape)[0], path)
    if is_typeddict(shape) or typing_extensions.is_typeddict(shape):
        if not isinstance(value, dict):
            return [f"{path}: not an object"]
        known = {name: hint for name, hint in hints(shape).items() if name not in OPTIONS}
        found = [
            f"{path}[{name}]: unknown parameter" if path else f"{name}: unknown parameter"
            for name in value
            if name not in known
        ]
        for name, hint in known.items():
            inner = f"{path}[{name}]" if path else name
            if name in value:
                found += faults(value[name], hint, inner)
            elif get_origin(hint) is not NotRequired:
                found.append(f"{inner}: missing")
        return found
    if origin in (Union, types.UnionType):
        every = [faults(value, one, path) for one in get_args(shape)]
        return min(every, key=len)
    if origin is Literal:
        return [] if value in get_args(shape) else [f"{path}: {value!r} is none of the values"]
    if origin is list:
        if not isinstance(value, dict) or not all(key.isdigit() for key in value):
            return [f"{path}: not a list"]
        inner = get_args(shape)[0]
        return [fault for k, v in value.items() for fault in faults(v, inner, f"{path}[{k}]")]
    if origin is dict:
        return [] if isinstance(value, dict) or value == "" else [f"{path}: not an object"]
    checks: dict[Any, typing.Callable[[Any], bool]] = {
        int: lambda v: isinstance(v, str) and re.fullmatch(r"-?[0-9]+", v) is not None,
        bool: lambda v: v in ("true", "false"),
        str: lambda v: isinstance(v, str),
        float: lambda v: re.fullmatch(r"-?[0-9.]+", v) is not None,
        Decimal: lambda v: re.fullmatch(r"-?[0-9.]+", v) is not None,
    }
    check = checks.get(shape)
    return [] if check is None or check(value) else [f"{path}: not {shape.__name__}"]
