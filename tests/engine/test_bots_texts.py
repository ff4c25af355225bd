"""Texts: special ones, splitting, the tags that are kept and the many that are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.engine import markup, texts
from tests.engine.talk import Talk, dialog, question, rule, starter, text
from tests.factories import bot_spec


def said(words: str, **values: str) -> list[tuple[str, str]]:
    """Return (text, html) of what a statement with these words sends."""
    talk = Talk(bot_spec(dialog("d", starter("hi"), text("t", words))), variables=dict(values))
    return [(str(reply.body["text"]), str(reply.body["html"])) for reply in talk.say("hi").replies]


@pytest.mark.parametrize(
    ("words", "html"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("<b>Hi</b> <i>you</i><br/>", "<b>Hi</b> <i>you</i><br>"),
        ("<ul><li>one<li>two</ul>", "<ul><li>one<li>two&lt;/ul&gt;</li></li></ul>"),
        ('<P CLASS="x">Hi</P>', "<p>Hi</p>"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("<b>open", "<b>open</b>"),
        ("</b>", "&lt;/b&gt;"),
        ('<a href="javascript:alert(1)">x</a>', "&lt;a href=&quot;javascript:alert(1)&quot;&gt;x&lt;/a&gt;"),
        (
            '<a href="https://x.test/?a=1&amp;b=2" onclick="y()">x</a>',
            '<a href="https://x.test/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">x</a>',
        ),
    ],
)
def test_only_the_allowed_tags_are_markup(words: str, html: str) -> None:
    assert said(words) == [(words, html)]


def test_a_value_is_never_markup() -> None:
    value = "<b>bold</b> & \"quoted\" <a href='https://evil.test'>x</a>"

    ((shown, html),) = said("<i>{$botContext.v}</i>", v=value)

    assert shown == f"<i>{value}</i>"
    assert html.startswith("<i>&lt;b&gt;bold&lt;/b&gt; &amp; &quot;quoted&quot; &lt;a href=")
    assert html.count("<") == 2


def test_a_value_may_be_a_links_address_but_not_a_script() -> None:
    words = '<a href="{$botContext.url}">go</a>'

    assert said(words, url='https://x.test/"onclick="')[0][1].startswith(
        '<a href="https://x.test/&quot;onclick=&quot;"'
    )
    assert said(words, url="javascript:alert(1)")[0][1].startswith("&lt;a href")


@given(st.text("<>ab/ '\"&=\ue000\ue001\ue002\ue003", max_size=40), st.text("<>/abi '\"&", max_size=20))
def test_no_text_makes_a_tag_that_is_not_allowed(template: str, value: str) -> None:
    html, _ = markup.render(template + markup.mark(value))
    allowed = ("<a ", "</a>", "<b>", "</b>", "<br>", "<p>", "</p>", "<i>", "</i>", "<li>", "</li>", "<ul>", "<ol>")

    rest = html
    while "<" in rest:
        rest = rest[rest.index("<") :]
        assert rest.startswith(allowed)
        rest = rest[1:]


def test_long_texts_are_split_at_blanks() -> None:
    words = "word " * 100

    parts = [part for part, _ in said(words.strip())]

    assert [len(part) for part in parts] == [319, 179]
    assert " ".join(parts) == words.strip()


def test_a_word_longer_than_the_limit_is_cut_and_tags_never_are() -> None:
    assert [len(part) for part, _ in said("x" * 700)] == [320, 320, 60]
    link = f'<a href="https://x.test/{"y" * 30}">z</a>'
    parts = said("w" * 290 + " " + link)
    assert [part for part, _ in parts] == ["w" * 290, link]


def test_bold_text_that_is_split_stays_bold() -> None:
    parts = said(f"<b>{'word ' * 80}</b>")

    assert all(html.startswith("<b>") and html.endswith("</b>") for _, html in parts)


def test_splitting_is_off_where_the_bot_or_a_script_says_so() -> None:
    spec = bot_spec(dialog("d", starter("hi"), text("t", "word " * 100)), split_long_texts=False)
    assert len(Talk(spec).say("hi").replies) == 1

    talk = Talk(bot_spec(dialog("d", starter("hi"), text("t", "word " * 100, pre_process="s"))))
    talk.scripts["s"] = [{"op": "allow_max", "value": True}]
    assert len(talk.say("hi").replies) == 1


def test_break_with_delay_splits_with_a_pause() -> None:
    words = "One. tag::breakWithDelay=1500 Two.tag::breakWithDelay=99999999Three."
    talk = Talk(bot_spec(dialog("d", starter("hi"), text("t", words, delay_ms=200))))

    replies = talk.say("hi").replies

    assert [(reply.body["text"], reply.delay_ms) for reply in replies] == [
        ("One.", 200),
        ("Two.", 1500),
        ("Three.", 10_000),
    ]


def test_blank_message_sends_nothing_and_the_flow_goes_on() -> None:
    talk = Talk(bot_spec(dialog("d", starter("hi"), text("t", " BLANK_MESSAGE "), text("after"))))

    assert talk.texts("hi") == ["<after>"]


def test_a_blank_question_still_waits() -> None:
    talk = Talk(bot_spec(dialog("d", starter("hi"), question("q", rule(""), words="BLANK_MESSAGE"))))

    assert talk.texts("hi") == []
    assert talk.waiting == "q"


@pytest.mark.parametrize(
    ("words", "how"), [("LP_CLOSEDIALOG", "close_dialog"), ("LP_CLOSECONVERSATION", "close_conversation")]
)
def test_closing_texts_close_and_are_not_shown(words: str, how: str) -> None:
    talk = Talk(bot_spec(dialog("d", starter("hi"), text("t", words), text("never"))))

    result = talk.say("hi")

    assert (result.replies, result.state.closed) == ((), how)


def test_a_profile_text_sets_the_consumers_name() -> None:
    profile = text("t", 'SET_USER_PROFILE | {"firstName": "Ann", "lastName": "Lee"}')
    talk = Talk(bot_spec(dialog("d", starter("hi"), profile, text("u", "Hello {$firstname}"))))

    assert talk.texts("hi") == ["Hello Ann"]
    assert talk.state.user["name"] == "Ann Lee"


def test_a_damaged_profile_is_not_shown_either() -> None:
    talk = Talk(bot_spec(dialog("d", starter("hi"), text("t", "SET_USER_PROFILE | {oops"))))

    assert talk.texts("hi") == []
    assert len(talk.errors()) == 1


def test_an_unknown_variable_is_an_empty_text_and_a_line_in_the_log() -> None:
    talk = Talk(bot_spec(dialog("d", starter("hi"), text("t", "Hi {$botContext.nobody}!"))))

    assert talk.texts("hi") == ["Hi !"]
    assert any("$botContext.nobody" in line.text for line in talk.log)


def test_values_are_not_expanded_again() -> None:
    assert said("{$botContext.a}", a="{$botContext.b}", b="secret")[0][0] == "{$botContext.b}"


@given(st.text("ab \n<>", max_size=60), st.integers(1, 10))
def test_splitting_loses_nothing_but_blanks(words: str, limit: int) -> None:
    parts = texts.pieces(texts.Filled(words, words), limit=limit)

    assert "".join("".join(part.text for part in parts).split()) == "".join(words.split())


def test_a_link_longer_than_a_message_is_not_cut_into_pieces() -> None:
    link = '<a href="https://x.test/' + "p" * 400 + '">here</a>'

    for words in (link, f"Look{link} and so on"):
        pieces = texts.pieces(texts.Filled(words, words), limit=texts.MAX_LENGTH)
        assert "".join(piece.text for piece in pieces).replace(" ", "") == words.replace(" ", "")
        assert not any("&lt;" in piece.html for piece in pieces)
        assert any("href=" in piece.html for piece in pieces)
