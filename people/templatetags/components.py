"""The pieces that pages are made of: a tag for each file of templates/components, and the chip."""

from django import template
from django.conf import settings
from django.forms import Field
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..workplace import MADE_FOR
from .marks import icon as drawn_icon

register = template.Library()


@register.inclusion_tag("components/agreement.html")
def agreement(lead, words, exception=""):
    """The agreement strip of a meeting (css/meeting.css); `#saved` in it takes the save line."""
    return {"lead": lead, "words": words, "exception": exception}


@register.inclusion_tag("components/banner.html")
def banner(words, lead="", url="", action=""):
    """One line about the page, with at most one link."""
    return {"words": words, "lead": lead, "url": url, "action": action}


@register.simple_tag
def chip(words, kind="", icon=""):
    """A short state: "" plain, "ok" done, "next", "care" past due (the host's view only)."""
    return format_html(
        '<span class="chip{}">{}{}</span>',
        f" chip-{kind}" if kind else "",
        drawn_icon(icon) if icon else SafeString(""),
        words,
    )


@register.inclusion_tag("components/denied.html")
def denied(title, words, url="", back=""):
    """Who can open it, and one way back; it never says what the thing holds."""
    return {"title": title, "words": words, "url": url, "back": back}


@register.inclusion_tag("components/empty_state.html")
def empty_state(title, words, url="", action="", *, primary=False):
    """What will be here, and one next step."""
    return {"title": title, "words": words, "url": url, "action": action, "primary": primary}


@register.inclusion_tag("components/error_summary.html")
def error_summary(form):
    """What is wrong with a form; first in the content. app.js moves focus here."""
    return {"form": form}


@register.inclusion_tag("components/form.html")
def form_page(
    form, submit="Save", cancel_url="", cancel="Cancel", action="", form_id="", *, summary=True
):
    """
    A whole form: summary of errors, fields, buttons. What was typed stays. A page with words
    above its form says `summary=False` and has `error_summary` first in its content.
    """
    return {
        "form": form,
        "submit": submit,
        "cancel_url": cancel_url,
        "cancel": cancel,
        "action": action,
        "form_id": form_id,
        "summary": summary,
    }


@register.inclusion_tag("components/letter.html")
def letter_card(host, letter, role="", minutes=30, exception=""):
    """A host's letter: how often, the promise that stays, their words, facts (css/signup.css)."""
    return {
        "host": host,
        "letter": letter,
        "role": role,
        "minutes": minutes,
        "exception": exception,
    }


@register.simple_tag(takes_context=True)
def made_for(context):
    """
    In a form about one school: which one, so that it is saved there whatever is chosen meanwhile.

    Only where there is a choice.
    """
    request = context.request
    if len(getattr(request, "workplaces", [])) < 2:
        return ""
    field = '<input type="hidden" name="{}" value="{}">'
    return format_html(field, MADE_FOR, request.school.uid)


@register.inclusion_tag("components/person_row.html")
def person_row(person, cadence="", line="", state="", url="", *, care=False):
    """A person in a `ul.plist`: initials in their rhythm, name, a line, a state in words."""
    return {
        "person": person,
        "cadence": cadence,
        "line": line,
        "state": state,
        "url": url,
        "care": care,
    }


@register.inclusion_tag("components/save_line.html")
def save_line(state, words):
    """ "saved", "saving" or "failed", and the words for it."""
    return {"state": state, "words": words}


@register.inclusion_tag("components/single_sign_on.html", takes_context=True)
def single_sign_on(context):
    """Buttons that lead to Google or Microsoft, where the school has turned them on."""
    return {
        "ways": settings.SINGLE_SIGN_ON,
        "csrf_token": context["csrf_token"],
        "redirect_field": context["redirect_field"],
    }


@register.inclusion_tag("components/undo_bar.html", takes_context=True)
def undo_bar(context, *, oob=False):
    """The last action and how to undo it; a htmx answer adds it with `oob=True`."""
    return {"undo_bar": context["undo_bar"], "oob": oob}


@register.inclusion_tag("components/who_sees.html")
def who_sees(rows, ledger_url="", look_at=None):
    """
    Who sees what: rows of `who` and `what`, computed by the rule itself (css/meeting.css).

    With the uid of a meeting to `look_at`, each row that has a `key` leads to what they would find.
    """
    return {"rows": rows, "ledger_url": ledger_url, "look_at": look_at}


@register.filter
def labelled(form):
    """A form whose hints do not vanish while one types: labels instead of placeholders."""
    for field in form.fields.values():
        placeholder = field.widget.attrs.pop("placeholder", "")
        field.label = field.label or placeholder
    return form


@register.filter
def problems(field):
    """What is wrong with a field; Django's bare "This field is required." learns which field."""
    bare = Field.default_error_messages["required"]
    return [
        f"“{field.label}” is still empty" if problem == bare else problem
        for problem in field.errors
    ]
