from transformers.utils import logging

from corpuscope.reader.loading.quiet import quietly


def test_what_was_printed_before_is_printed_after() -> None:
    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    with quietly():
        assert logging.get_verbosity() == logging.ERROR
        assert not logging.is_progress_bar_enabled()
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before
