"""The one way for sealed text into a page."""

from django import template
from django.template.defaultfilters import linebreaks_filter
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..vault import Sealed, unwrap

register = template.Library()

BROKEN = "This part does not open: it was changed after it was sealed."


@register.simple_tag
def reveal(sealed: Sealed) -> SafeString:
    """The text as paragraphs, whatever it holds shown as it was typed."""
    if sealed.is_broken:
        return format_html('<p class="soft">{}</p>', BROKEN)
    if sealed.is_blank:
        return format_html('<p class="soft">{}</p>', "Taken out by its writer.")
    return linebreaks_filter(unwrap(sealed))  # which escapes


@register.simple_tag
def reveal_to_edit(sealed: Sealed) -> SafeString:
    """The text for its author's field. The first line break is one that HTML swallows."""
    return format_html("\n{}", unwrap(sealed))
