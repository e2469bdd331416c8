"""CloudFormation's intrinsic functions, as far as the template's rules and conditions use them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

_FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "Fn::Equals": lambda left, right: left == right,
    "Fn::Not": lambda condition: not condition,
    "Fn::And": lambda *conditions: all(conditions),
    "Fn::Or": lambda *conditions: any(conditions),
    "Fn::Select": lambda index, members: members[index],
    "Fn::Split": lambda separator, text: text.split(separator),
}


def evaluate(expression: Any, parameters: Mapping[str, str], conditions: Mapping[str, Any] | None = None) -> Any:
    """What an expression comes to.

    Args:
        expression: Functions in their long form, ``{"Fn::Equals": [a, b]}``; anything else is its own value.
        parameters: The template's parameters.
        conditions: The template's Conditions section, for ``Fn::If``.

    Raises:
        KeyError: a function or a name that is not known here.
    """
    if not isinstance(expression, Mapping):
        return expression
    [(function, argument)] = expression.items()
    match function:
        case "Ref":
            return parameters[argument]
        case "Condition":
            return evaluate((conditions or {})[argument], parameters, conditions)
        case "Fn::Sub":
            for name, value in parameters.items():
                argument = argument.replace("${" + name + "}", value)
            return argument
        case "Fn::If":
            condition, then, otherwise = argument
            holds = evaluate((conditions or {})[condition], parameters, conditions)
            return evaluate(then if holds else otherwise, parameters, conditions)
    arguments = [evaluate(each, parameters, conditions) for each in argument]
    if function == "Fn::Equals":
        # CloudFormation's parameters are text, numbers too.
        arguments = [str(each) for each in arguments]
    return _FUNCTIONS[function](*arguments)
