"""Tags of the shell."""

from django import template

register = template.Library()
