from django import template

from accounts import audit

register = template.Library()

register.filter("in_words", audit.in_words)
