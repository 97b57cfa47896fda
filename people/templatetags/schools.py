"""At which school, and by whose clock: said only to somebody for whom there is more than one."""

from django import template
from django.template import RequestContext

from ..models import School

register = template.Library()


@register.simple_tag(takes_context=True)
def school_name(context: RequestContext, school: School) -> str:
    """The name of a school; empty for somebody who knows no other."""
    roles = getattr(context.request, "roles", [])
    return school.name if {role.school_id for role in roles} - {school.pk} else ""


@register.simple_tag(takes_context=True)
def zone_name(context: RequestContext, school: School) -> str:
    """Whose clock a time is by: "Chicago time"; empty while somebody's schools share one."""
    roles = getattr(context.request, "roles", [])
    others = {role.school.time_zone for role in roles} - {school.time_zone}
    return school.zone_name if others else ""
