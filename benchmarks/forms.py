"""The forms of a page as a browser sees them: what they would send, and what can be chosen."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

UNSENT = ("button", "image", "reset", "file")


@dataclass
class Choice:
    """A button, radio or checkbox: what it sends when chosen, and the words on it."""

    kind: str
    name: str
    value: str
    is_on: bool = False
    words: str = ""


@dataclass
class Form:
    action: str
    method: str
    texts: list[tuple[str, str]] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)

    def named(self, name: str) -> list[Choice]:
        return [each for each in self.choices if each.name == name]

    def sent(self, *chosen: Choice, **typed: str) -> list[tuple[str, str]]:
        """What is sent when these are chosen and typed, besides what was there already."""
        radios = {each.name for each in chosen if each.kind == "radio"}
        fields = [(name, typed.pop(name, value)) for name, value in self.texts]
        fields += [
            (each.name, each.value)
            for each in self.choices
            if each.is_on and each not in chosen and each.name not in radios
        ]
        fields += [(each.name, each.value) for each in chosen if each.name]
        return fields + list(typed.items())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.form: Form | None = None
        self.words: list[Choice] = []  # whose words are being read
        self.select = ""
        self.area: str | None = None
        self.text = ""

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.form = Form(given.get("action") or "", (given.get("method") or "get").lower())
            self.forms.append(self.form)
        elif self.form is not None and "disabled" not in given:
            self._field(tag, given)

    def _field(self, tag, given):
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "select":
            self.select = name
        elif tag == "textarea":
            self.area, self.text = name, ""
        elif tag == "option":
            self._choice("radio", self.select, value, is_on="selected" in given)
        elif tag == "button" and (given.get("type") or "submit") == "submit":
            self._choice("submit", name, value)
        elif tag == "input":
            self._input(
                (given.get("type") or "text").lower(), name, value, is_on="checked" in given
            )

    def _input(self, kind, name, value, *, is_on):
        if kind in ("radio", "checkbox", "submit"):
            self._choice(kind, name, value or "on", is_on=is_on)
        elif kind not in UNSENT and name:
            self.form.texts.append((name, value))

    def _choice(self, kind, name, value, *, is_on=False):
        choice = Choice(kind, name, value, is_on)
        self.form.choices.append(choice)
        self.words = [choice]

    def handle_data(self, data):
        if self.area is not None:
            self.text += data
        for choice in self.words:
            choice.words = f"{choice.words} {data.strip()}".strip()

    def handle_endtag(self, tag):
        if tag == "textarea" and self.area is not None:
            if self.form:
                self.form.texts.append((self.area, self.text))
            self.area = None
        elif tag == "form":
            self.form = None
        if tag in ("button", "label", "option", "form"):
            self.words = []


def forms_of(html: str) -> list[Form]:
    """Every form of a page, in order."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms
