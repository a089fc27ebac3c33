"""How much one request may ask, and which characters no text may hold."""

from __future__ import annotations

import re
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    ValidationContext,
    ValidationRule,
)

MAX_BODY_BYTES = 2_000_000
MAX_DOCUMENT_CHARACTERS = 50_000
MAX_TOKENS = 4_000
MAX_DEPTH = 14
MAX_FIELDS = 600  # selected, fragments spread out: bounds aliases and fragment bombs alike
MAX_ROOT_FIELDS = 12
SURROGATE = re.compile("[\ud800-\udfff]")
INTROSPECTION = ("__schema", "__type")


def is_clean(text: str) -> bool:
    """PostgreSQL stores no NUL, and a lone surrogate is no character."""
    return "\x00" not in text and (text.isascii() or not SURROGATE.search(text))


def require_clean(value: Any, path: tuple[str, ...] = ()) -> None:
    if isinstance(value, str):
        if not is_clean(value):
            raise GraphQLError(f"Variable {'.'.join(path)} has a character that is no text.")
    elif isinstance(value, dict):
        for name, one in value.items():
            require_clean(one, (*path, str(name)))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            require_clean(one, (*path, str(number)))


class CleanLiterals(ValidationRule):
    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        if not is_clean(node.value):
            self.report_error(GraphQLError("A string has a character that is no text.", node))


class Size(ValidationRule):
    """Depth, number of fields and root fields of each operation, with fragments spread out.

    Introspection has its own shape and is asked by tools: it may go deeper, and only once."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.fields = 0

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        self.fields = 0
        if len(node.selection_set.selections) > MAX_ROOT_FIELDS:
            self.fault(f"An operation has at most {MAX_ROOT_FIELDS} root fields.", node)
            return
        try:
            self.walk(node.selection_set, 1, MAX_DEPTH, frozenset())
        except OverflowError as error:
            self.fault(str(error), node)

    def walk(
        self, selection: SelectionSetNode, depth: int, deepest: int, spread: frozenset[str]
    ) -> None:
        if depth > deepest:
            raise OverflowError(f"An operation is at most {deepest} levels deep.")
        for node in selection.selections:
            if isinstance(node, FragmentSpreadNode):
                name = node.name.value
                fragment = self.context.get_fragment(name)
                if isinstance(fragment, FragmentDefinitionNode) and name not in spread:
                    self.walk(fragment.selection_set, depth, deepest, spread | {name})
                continue
            self.fields += 1
            if self.fields > MAX_FIELDS:
                raise OverflowError(f"An operation has at most {MAX_FIELDS} fields.")
            below = getattr(node, "selection_set", None)
            if below is not None:
                is_tool = isinstance(node, FieldNode) and node.name.value in INTROSPECTION
                inside = depth + 1 if isinstance(node, FieldNode) else depth
                self.walk(below, inside, MAX_DEPTH + 4 if is_tool else deepest, spread)

    def fault(self, message: str, node: OperationDefinitionNode) -> None:
        self.report_error(GraphQLError(message, node))


RULES = (CleanLiterals, Size)
