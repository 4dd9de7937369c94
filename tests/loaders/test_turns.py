"""One file a person and two in all are read at once; the others wait their turn, or are told to come back."""

from __future__ import annotations

import threading

import pytest

from loaders.turns import Busy, Turns


@pytest.mark.promises("F1")
def test_one_a_person_and_two_in_all():
    turns = Turns()

    with turns.taken("Ada"):
        with pytest.raises(Busy), turns.taken("Ada", patience=0):
            pytest.fail("a second one of Ada's")
        with turns.taken("Bo", patience=0), pytest.raises(Busy), turns.taken("Cy", patience=0):
            pytest.fail("a third one")
        assert turns.under_way == 1
    assert turns.under_way == 0


def test_whoever_waits_is_served_when_a_turn_ends():
    turns, began, served = Turns(), threading.Event(), threading.Event()

    def wait_for_a_turn():
        began.set()
        with turns.taken("Ada", patience=20):
            served.set()

    waiting = threading.Thread(target=wait_for_a_turn)
    with turns.taken("Ada"):
        waiting.start()
        began.wait(5)
        assert not served.wait(0.05)
    waiting.join(5)

    assert served.is_set()


def test_a_turn_ends_with_the_error_that_ends_the_work():
    turns = Turns()

    with pytest.raises(KeyError), turns.taken("Ada"):
        raise KeyError

    assert turns.under_way == 0
