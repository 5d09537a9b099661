"""Input widgets: the fields of a form of chat settings, and which values each of them takes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, ClassVar, Literal

__all__ = [
    "Checkbox",
    "DatePicker",
    "InputWidget",
    "MultiSelect",
    "NumberInput",
    "RadioGroup",
    "Select",
    "Slider",
    "Switch",
    "Tab",
    "Tags",
    "TextInput",
    "widget_of",
    "widgets_of",
]


@dataclass
class InputWidget:
    """A field with an `id`, under which its value is found, and a `label`.

    `tooltip` is a short help, `description` a longer one. A `disabled` one is shown and cannot be changed. Raises
    `ValueError` when its own `initial` is none of the values it takes.
    """

    type: ClassVar[str] = ""

    id: str
    label: str
    initial: Any = None
    tooltip: str | None = None
    description: str | None = None
    disabled: bool = False

    def __post_init__(self) -> None:
        for name in ("id", "label"):
            text = getattr(self, name)
            if not isinstance(text, str) or not text.strip():
                raise ValueError(f"A `{type(self).__name__}` needs `{name}`, which is a text.")
        for name in ("tooltip", "description"):
            if not isinstance(getattr(self, name), str | None):
                raise ValueError(f"`{name}` of `{self.id}` is a text.")
        self._settle()
        try:
            self.initial = self.check(self.initial)
        except ValueError as error:
            raise ValueError(f"`initial` of `{self.id}`: {error}") from None

    def check(self, value: Any) -> Any:
        """`value` as callbacks get it. Raises `ValueError`, which says what was expected."""
        raise NotImplementedError

    def _settle(self) -> None:
        """Check what was declared beside `initial`. Raises `ValueError`."""

    def to_dict(self) -> dict[str, Any]:
        """The widget as the wire has it."""
        shown = {_camel(name): value for name, value in self._facts().items() if value is not None}
        return {"type": self.type} | shown

    def _facts(self) -> dict[str, Any]:
        return {item.name: getattr(self, item.name) for item in fields(self)}


@dataclass
class Switch(InputWidget):
    """On or off."""

    type: ClassVar[str] = "switch"

    initial: bool = False

    def check(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise ValueError("This is either on or off.")
        return value


@dataclass
class Checkbox(Switch):
    """Ticked or not."""

    type: ClassVar[str] = "checkbox"


@dataclass
class Slider(InputWidget):
    """A number from `min` to `max`, in steps of `step`."""

    type: ClassVar[str] = "slider"

    initial: float = 0
    min: float = 0
    max: float = 10
    step: float = 1

    def _settle(self) -> None:
        for name in ("min", "max", "step"):
            try:
                _number(getattr(self, name))
            except ValueError:
                raise ValueError(f"`{name}` of the slider `{self.id}` is a number.") from None
        if not self.min < self.max or self.step <= 0:
            raise ValueError(f"The slider `{self.id}` needs `min` below `max`, and a `step` above 0.")

    def check(self, value: Any) -> float:
        number = _number(value)
        if not self.min <= number <= self.max:
            raise ValueError(f"This goes from {self.min:g} to {self.max:g}.")
        steps = (number - self.min) / self.step
        if abs(steps - round(steps)) > 1e-6 and number not in (self.initial, self.max):
            raise ValueError(f"This goes in steps of {self.step:g} from {self.min:g}.")
        return number


@dataclass
class _Choice(InputWidget):
    """What `Select` and `RadioGroup` share: one of `values`, or of the values of `items`, a dict from label to value.

    What is chosen first is `initial_value`, the one at `initial_index`, or `initial`.
    """

    initial: str | None = None
    initial_index: int | None = None
    initial_value: str | None = None
    values: list[str] = field(default_factory=list)
    items: dict[str, str] = field(default_factory=dict)

    def _settle(self) -> None:
        self.items = _items(self)
        offered = list(self.items.values())
        if self.initial_value is not None:
            self.initial = self.initial_value
        elif self.initial_index is not None:
            if type(self.initial_index) is not int or not 0 <= self.initial_index < len(offered):
                raise ValueError(f"`initial_index` of `{self.id}` goes from 0 to {len(offered) - 1}.")
            self.initial = offered[self.initial_index]

    def check(self, value: Any) -> str | None:
        if value is None and self.initial is None:
            return None
        return _offered(value, self.items)

    def _facts(self) -> dict[str, Any]:
        facts = super()._facts() | {"items": _item_dicts(self.items)}
        return {key: facts[key] for key in facts.keys() - {"values", "initial_index", "initial_value"}}


@dataclass
class Select(_Choice):
    """One of several, from a list that opens."""

    type: ClassVar[str] = "select"


@dataclass
class RadioGroup(_Choice):
    """One of several, all in sight."""

    type: ClassVar[str] = "radio"


@dataclass
class MultiSelect(InputWidget):
    """Any of `values`, or of the values of `items`, a dict from label to value."""

    type: ClassVar[str] = "multiselect"

    initial: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    items: dict[str, str] = field(default_factory=dict)

    def _settle(self) -> None:
        self.items = _items(self)

    def check(self, value: Any) -> list[str]:
        return _distinct([_offered(one, self.items) for one in _list(value)])

    def _facts(self) -> dict[str, Any]:
        facts = super()._facts() | {"items": _item_dicts(self.items)}
        del facts["values"]
        return facts


@dataclass
class TextInput(InputWidget):
    """A line of text, or several with `multiline`."""

    type: ClassVar[str] = "textinput"

    initial: str | None = None
    placeholder: str | None = None
    multiline: bool = False

    def check(self, value: Any) -> str | None:
        if value is not None and not isinstance(value, str):
            raise ValueError("This is a text.")
        return value


@dataclass
class NumberInput(InputWidget):
    """Any number, or none."""

    type: ClassVar[str] = "numberinput"

    initial: float | None = None
    placeholder: str | None = None

    def check(self, value: Any) -> float | None:
        return None if value is None else _number(value)


@dataclass
class Tags(InputWidget):
    """Words of the user's own; `values` are suggestions."""

    type: ClassVar[str] = "tags"

    initial: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)

    def check(self, value: Any) -> list[str]:
        tags = _list(value)
        if not all(isinstance(tag, str) and tag.strip() for tag in tags):
            raise ValueError("These are words.")
        return _distinct([tag.strip() for tag in tags])


@dataclass
class DatePicker(InputWidget):
    """A day, or with `mode="range"` the first and the last of several, as ISO dates: `"2026-11-23"`.

    `initial`, `min_date` and `max_date` may also be `date` objects.
    """

    type: ClassVar[str] = "datepicker"

    initial: Any = None
    mode: Literal["single", "range"] = "single"
    min_date: str | None = None
    max_date: str | None = None
    format: str | None = None
    placeholder: str | None = None

    def _settle(self) -> None:
        if self.mode not in ("single", "range"):
            raise ValueError(f"`mode` of `{self.id}` is either `single` or `range`.")
        for name in ("min_date", "max_date"):
            day = getattr(self, name)
            if day is not None:
                setattr(self, name, _day(day, f"`{name}` of `{self.id}`"))
        if self.min_date is not None and self.max_date is not None and self.min_date > self.max_date:
            raise ValueError(f"`min_date` of `{self.id}` is after its `max_date`.")

    def check(self, value: Any) -> str | list[str] | None:
        if value is None:
            return None
        if self.mode == "single":
            return self._within(value)
        if isinstance(value, str) or not isinstance(value, Sequence) or len(value) != 2:
            raise ValueError("This is a first and a last day.")
        first, last = (self._within(day) for day in value)
        if first > last:
            raise ValueError("The last day is before the first.")
        return [first, last]

    def _within(self, value: Any) -> str:
        day = _day(value, "This")
        if self.min_date is not None and day < self.min_date:
            raise ValueError(f"The first day that can be chosen is {self.min_date}.")
        if self.max_date is not None and day > self.max_date:
            raise ValueError(f"The last day that can be chosen is {self.max_date}.")
        return day


@dataclass
class Tab:
    """A page of a form that has several."""

    id: str
    label: str
    inputs: list[InputWidget] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        return {"id": self.id, "label": self.label, "inputs": [widget.to_dict() for widget in self.inputs]}


_WIDGETS: dict[str, type[InputWidget]] = {
    widget.type: widget
    for widget in (
        Switch,
        Checkbox,
        Slider,
        Select,
        RadioGroup,
        MultiSelect,
        TextInput,
        NumberInput,
        Tags,
        DatePicker,
    )
}


def widget_of(data: Mapping[str, Any]) -> InputWidget:
    """The widget that `to_dict` described: after a resume there is nothing else of it."""
    facts = {_snake(key): value for key, value in data.items() if key != "type"}
    if "items" in facts:
        facts["items"] = {item["label"]: item["value"] for item in facts["items"]}
    return _WIDGETS[data["type"]](**facts)


def widgets_of(settings: Mapping[str, Any]) -> Iterator[InputWidget]:
    """All widgets of a form, whether or not they stand in tabs."""
    forms = settings.get("tabs") or [settings]
    return (widget_of(data) for form in forms for data in form.get("inputs") or ())


def _items(widget: _Choice | MultiSelect) -> dict[str, str]:
    """From label to value. Raises `ValueError`."""
    if bool(widget.values) == bool(widget.items):
        raise ValueError(f"`{widget.id}` needs either `values` or `items`.")
    items = {value: value for value in widget.values} if widget.values else dict(widget.items)
    if not all(isinstance(text, str) for item in items.items() for text in item):
        raise ValueError(f"The choices of `{widget.id}` are texts.")
    if len(set(items.values())) < len(items):
        raise ValueError(f"Two choices of `{widget.id}` have the same value.")
    return items


def _item_dicts(items: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"label": label, "value": value} for label, value in items.items()]


def _offered(value: Any, items: Mapping[str, str]) -> str:
    if not isinstance(value, str) or value not in items.values():
        raise ValueError(f"`{value}` is not one of {', '.join(items.values())}.")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("Enter a number.")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise ValueError("This is a list.")
    return list(value)


def _distinct(values: list[str]) -> list[str]:
    if len(set(values)) < len(values):
        raise ValueError("One of them is there twice.")
    return values


def _day(value: Any, name: str) -> str:
    """An ISO date. Of a time with its date, as JavaScript writes it, the date counts."""
    if isinstance(value, date):
        return value.isoformat()[:10]
    try:
        return date.fromisoformat(value[:10]).isoformat()
    except (TypeError, ValueError):
        raise ValueError(f"{name} is a date, as 2026-11-23.") from None


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
