"""Choices that stand in the address."""

import pytest
from streamlit.testing.v1 import AppTest


def two_lists() -> None:
    """A page with a list and a row of buttons, both kept in the address."""
    from pages.shared.choices import choose, choose_one

    choose("Site", {"lyon": "Lyon", "metz": "Metz"}, name="site", default="lyon")
    choose_one("Span", {"half": "6", "year": "12"}, name="span", default="year")


def a_page(**address: str) -> AppTest:
    page = AppTest.from_function(two_lists, default_timeout=30)
    for name, chosen in address.items():
        page.query_params[name] = chosen
    page.run()
    assert not page.exception
    return page


def chosen(page: AppTest) -> tuple[str, str]:
    return page.selectbox(key="choice-site").value, page.segmented_control(key="choice-span").value


@pytest.mark.accepts("9.1")
def test_what_is_chosen_from_a_list_stands_in_the_address() -> None:
    page = a_page()
    page.selectbox(key="choice-site").select("metz").run()
    page.segmented_control(key="choice-span").set_value("half").run()
    assert (page.query_params["site"], page.query_params["span"]) == ("metz", "half")
    assert chosen(page) == chosen(a_page(site="metz", span="half")) == ("metz", "half")


@pytest.mark.accepts("9.1")
def test_going_back_to_an_earlier_address_shows_what_it_says() -> None:
    page = a_page(site="metz", span="half")
    page.selectbox(key="choice-site").select("lyon").run()
    page.segmented_control(key="choice-span").set_value("year").run()
    page.query_params["site"], page.query_params["span"] = "metz", "half"  # as the browser's back button does
    page.run()
    assert chosen(page) == ("metz", "half")
    page.selectbox(key="choice-site").select("lyon").run()
    assert chosen(page) == ("lyon", "half")


def test_an_address_that_names_nothing_offered_leaves_the_choice_alone() -> None:
    page = a_page(site="metz")
    page.query_params["site"] = "atlantis"
    page.run()
    assert chosen(page) == ("metz", "year")
