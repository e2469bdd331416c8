"""The mutants of a module: mutmut's operators and a few more, on module-level code and defaults too.

mutmut itself leaves alone what is outside functions, and has nothing that leaves a statement out.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators


class Site(NamedTuple):
    """A place that one operator changes, in one way or several.

    Attributes:
        lines: Of the statement that it is in; none where that runs at import.
        names: What a statement that runs at import binds.
        scope: The class and function around it: ``TaskStore.create``; empty for the module.
    """

    path: Path
    line: int
    lines: range
    names: list[str]
    scope: str
    module: cst.Module
    node: cst.CSTNode
    variants: list[cst.CSTNode]

    def mutant(self, variant: int) -> Mutant:
        """The mutant of one of the variants."""
        return Mutant(self, self.module.code, self.module.deep_replace(self.node, self.variants[variant]).code)


class Mutant(NamedTuple):
    """A module's code before and after."""

    site: Site
    before: str
    after: str

    @property
    def change(self) -> tuple[str, str]:
        """The lines that go and those that come, without what surrounds them."""
        lines = list(difflib.ndiff(self.before.splitlines(), self.after.splitlines()))
        gone, come = ([line[2:].strip() for line in lines if line.startswith(sign)] for sign in ("- ", "+ "))
        return "\n".join(gone), "\n".join(come)


def sites(path: Path) -> list[Site]:
    """All places of a module, in its order."""
    wrapper = MetadataWrapper(cst.parse_module(path.read_text()), unsafe_skip_copy=True)
    visitor = _Visitor(path, wrapper.module)
    wrapper.visit(visitor)
    return visitor.sites


def _left_out(node: cst.SimpleStatementLine) -> Iterator[cst.CSTNode]:
    """A statement that is not there, or returns nothing."""
    [statement, *others] = node.body
    value = statement.value if isinstance(statement, cst.Return | cst.Expr) else None
    if others or isinstance(value, cst.SimpleString | cst.ConcatenatedString):  # a docstring
        return
    if (
        isinstance(statement, cst.Return)
        and value is not None
        and not (isinstance(value, cst.Name) and value.value == "None")
    ):
        yield node.with_changes(body=[statement.with_changes(value=cst.Name("None"))])
    elif isinstance(statement, cst.Expr | cst.Raise | cst.AugAssign | cst.Del | cst.Assert):
        yield node.with_changes(body=[cst.Pass()])


def _other_way(node: cst.If | cst.While | cst.CompIf) -> Iterator[cst.CSTNode]:
    yield node.with_changes(test=cst.UnaryOperation(cst.Not(), _parenthesised(node.test)))


def _one_side(node: cst.BooleanOperation) -> Iterator[cst.CSTNode]:
    yield _parenthesised(node.left)
    yield _parenthesised(node.right)


def _other_text(node: cst.FormattedStringText) -> Iterator[cst.CSTNode]:
    yield node.with_changes(value=f"XX{node.value}")


def _parenthesised(node: cst.BaseExpression) -> cst.BaseExpression:
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


_Operator = Callable[[Any], Iterable[cst.CSTNode]]
_OPERATORS: Final[list[tuple[Any, _Operator]]] = [
    *mutation_operators,
    (cst.SimpleStatementLine, _left_out),
    (cst.If | cst.While | cst.CompIf, _other_way),
    (cst.BooleanOperation, _one_side),
    (cst.FormattedStringText, _other_text),
]


class _Visitor(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, path: Path, module: cst.Module) -> None:
        super().__init__()
        self.sites: list[Site] = []
        self._path, self._module = path, module
        self._statements: list[cst.CSTNode] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Annotation | cst.Import | cst.ImportFrom) or _is_for_types(node):
            return False
        if isinstance(node, cst.BaseStatement | cst.SimpleStatementLine):
            self._statements.append(node)
        for kind, operator in _OPERATORS:
            if isinstance(node, kind) and (variants := list(operator(node))):
                self.sites.append(self._site(node, variants))
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if self._statements and self._statements[-1] is original_node:
            self._statements.pop()

    def _site(self, node: cst.CSTNode, variants: list[cst.CSTNode]) -> Site:
        *around, statement = self._statements
        scope = ".".join(one.name.value for one in self._statements if isinstance(one, cst.ClassDef | cst.FunctionDef))
        first, last = self._lines(node)
        lines, names = range(first, last + 1), []
        if isinstance(statement, cst.SimpleStatementLine):
            lines = range(self._lines(statement)[0], self._lines(statement)[1] + 1)
        at_import = not any(isinstance(one, cst.FunctionDef) for one in around)
        if at_import or isinstance(statement, cst.FunctionDef):
            lines, names = range(0), _bound(statement)
        return Site(self._path, first, lines, names, scope, self._module, node, variants)

    def _lines(self, node: cst.CSTNode) -> tuple[int, int]:
        place = self.get_metadata(PositionProvider, node)
        return place.start.line, place.end.line


def _bound(statement: cst.CSTNode) -> list[str]:
    """The names that a statement binds."""
    if isinstance(statement, cst.FunctionDef | cst.ClassDef):
        return [statement.name.value]
    targets: list[cst.BaseExpression] = []
    for one in statement.body if isinstance(statement, cst.SimpleStatementLine) else []:
        if isinstance(one, cst.Assign):
            targets += [target.target for target in one.targets]
        elif isinstance(one, cst.AnnAssign):
            targets.append(one.target)
    return [target.value for target in targets if isinstance(target, cst.Name)]


def _is_for_types(node: cst.CSTNode) -> bool:
    """Whether a node is of no concern when the code runs."""
    if isinstance(node, cst.If):
        return isinstance(node.test, cst.Name) and node.test.value == "TYPE_CHECKING"
    if isinstance(node, cst.Assign):
        return any(isinstance(one.target, cst.Name) and one.target.value == "__all__" for one in node.targets)
    is_call = isinstance(node, cst.Call) and isinstance(node.func, cst.Name)
    return is_call and node.func.value in ("TypeVar", "cast")
