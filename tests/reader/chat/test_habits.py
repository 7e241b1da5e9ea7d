import pytest

from corpuscope.reader.chat.habits import habits_of, has_template, written
from corpuscope.reader.chat.pieces import ChatRefusedError
from tests.reader.chat.chats import FAMILIES, tokenizer_of, with_template


def test_what_each_family_takes_is_found() -> None:
    habits = {family: habits_of(tokenizer_of(family)) for family in FAMILIES}
    no_system = {family for family, one in habits.items() if not one.takes_system}
    assert no_system == {"gemma2", "mistral_first"}
    assert {family for family, one in habits.items() if one.takes_developer} == {"harmony"}
    assert {family for family, one in habits.items() if one.takes_parts} == {"parts_only"}
    assert {family for family, one in habits.items() if not one.takes_objects} == {"deepseek_r1"}
    assert {family for family, one in habits.items() if not one.writes_objects} == {"tool_tags"}
    keys = {family: one.reasoning_key for family, one in habits.items() if one.reasoning_key}
    assert keys == {"qwen3": "reasoning_content", "harmony": "thinking"}


def test_what_is_done_to_chats_is_noted() -> None:
    assert habits_of(tokenizer_of("qwen3")).notes == ()
    (note,) = habits_of(tokenizer_of("gemma2")).notes
    assert "no system prompt" in note
    (note,) = habits_of(tokenizer_of("tool_tags")).notes
    assert "only the names of tools count" in note


def test_a_template_that_takes_nothing_is_refused_and_not_probed_wrongly() -> None:
    broken = with_template("{{ raise_exception('never') }}")
    assert habits_of(broken).takes_system
    with pytest.raises(ChatRefusedError, match="never"):
        written(broken, [{"role": "user", "content": "Why?"}])


def test_dates_are_fixed_in_each_form() -> None:
    dated = with_template("{{ strftime_now('%d %B %Y') }} {{ strftime_now('%Y-%m-%d') }}")
    assert written(dated, [{"role": "user", "content": ""}]) == "26 July 2024 2024-07-26"


def test_templates_by_name_need_a_default_one() -> None:
    named = with_template({"default": "{{ messages[0].content }}", "rag": "no"})
    assert written(named, [{"role": "user", "content": "Why?"}]) == "Why?"
    with pytest.raises(ChatRefusedError):
        written(with_template({"rag": "no"}), [{"role": "user", "content": "Why?"}])


def test_a_tokenizer_without_template_has_none() -> None:
    assert not has_template(object())
    assert has_template(tokenizer_of("chatml"))
