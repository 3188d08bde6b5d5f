"""What is around every page of the phone app: ways back, quick hide, languages, the door's form."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tools.webapp.gallery import gallery

PERSONAL = "Good morning, Sam"


@pytest.fixture(scope="module")
def home() -> Iterator[str]:
    with gallery() as url:
        yield url


@pytest.fixture
def page(browser: Browser, home: str) -> Iterator[Page]:
    context = browser.new_context(
        base_url=home, viewport={"width": 360, "height": 640}, locale="en-US"
    )
    page = context.new_page()
    mistakes: list[str] = []
    page.on("console", lambda line: mistakes.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: mistakes.append(str(error)))
    yield page
    context.close()
    assert [each for each in mistakes if "A mistake of ours" not in each] == []


def test_the_way_back_leads_to_where_one_was(page: Page) -> None:
    page.goto("/")
    row = page.get_by_role("link", name="Row 20")
    row.scroll_into_view_if_needed()
    scrolled = page.evaluate("scrollY")
    assert scrolled > 0

    row.click()
    expect(page.get_by_role("heading", name="Help", exact=True)).to_be_focused()
    assert page.evaluate("[location.pathname, document.title, scrollY]") == ["/help", "Help", 0]

    page.go_back()
    expect(page.get_by_role("heading", name=PERSONAL)).to_be_focused()
    assert page.evaluate("scrollY") == scrolled
    page.go_forward()
    expect(page.get_by_role("heading", name="Help", exact=True)).to_be_focused()


def test_a_page_opens_by_its_address(page: Page) -> None:
    page.goto("/help/overdose")
    expect(page.get_by_role("heading", name="Someone overdosed")).to_be_visible()
    page.get_by_role("link", name="Help").first.click()
    assert page.evaluate("location.pathname") == "/help"
    page.goto("/nothing/here")
    expect(page.get_by_role("heading", name=PERSONAL)).to_be_visible()


def test_hide_leaves_nothing_on_the_screen_nor_behind_it(page: Page) -> None:
    page.goto("/people")
    page.get_by_role("link", name="Row 1", exact=True).click()
    page.get_by_role("link", name="Someone overdosed").click()
    page.get_by_role("link", name="Help").first.click()
    page.get_by_role("button", name="Hide").click()

    covered = page.get_by_role("button", name="Open again")
    expect(covered).to_be_focused()
    page.wait_for_url("**/")
    # The empty page of a new tab, and the cover twice.
    assert page.evaluate("history.length") == 3
    for step in (page.go_back, page.go_forward, page.go_back):
        step()
        expect(covered).to_be_visible()
        assert page.evaluate("[location.pathname, document.title.trim()]") == ["/", ""]
    assert page.locator("#app").inner_text().strip() == "Nothing is shown"

    covered.click()
    expect(page.get_by_role("heading", name=PERSONAL)).to_be_focused()


def test_a_keyboard_hides_with_shift_three_times(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name=PERSONAL)).to_be_visible()
    for key in ("Shift", "Shift", "a", "Shift"):
        page.keyboard.press(key)
    expect(page.get_by_role("heading", name=PERSONAL)).to_be_visible()
    for _ in range(2):
        page.keyboard.press("Shift")
    expect(page.get_by_role("button", name="Open again")).to_be_visible()


def test_hidden_mode_has_hide_near_the_thumb(page: Page) -> None:
    page.goto("/?hidden")
    at_the_bottom = page.get_by_role("navigation").get_by_role("button", name="Hide")
    box = at_the_bottom.bounding_box()
    assert box
    assert box["y"] > 640 / 2
    at_the_bottom.click()
    expect(page.get_by_role("button", name="Open again")).to_be_visible()


def test_the_language_changes_at_once_and_is_remembered(page: Page) -> None:
    page.goto("/tools")
    page.get_by_label("Month").fill("4")
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("heading", name="Escribe tu código")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.locator("fieldset label")).to_have_text(["Día", "Mes", "Año"])
    expect(page.get_by_label("Mes")).to_have_value("4")

    page.reload()
    expect(page.get_by_role("heading", name="Escribe tu código")).to_be_visible()
    expect(page).to_have_title("Práctica")


def test_dark_is_chosen_against_the_system(page: Page) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    page.goto("/")
    light = page.evaluate(ground)
    page.get_by_label("Dark").check()
    dark = page.evaluate(ground)
    assert dark != light
    page.reload()
    assert page.evaluate(ground) == dark
    page.get_by_label("Like my phone").check()
    assert page.evaluate(ground) == light


def test_a_code_in_the_link_leaves_the_address_at_once(page: Page) -> None:
    page.goto("/#code=7QMX-2RTA-9WPF")
    expect(page.get_by_label("Code")).to_have_value("7QMX-2RTA-9WPF")
    assert page.evaluate("[location.href.includes('7QMX'), history.length]") == [False, 2]


def test_what_is_wrong_is_gone_to_and_described(page: Page) -> None:
    page.goto("/tools")
    page.get_by_role("button", name="Open").click()
    code = page.get_by_label("Code")
    expect(code).to_be_focused()
    missing = "Type the code first. It has twelve letters and numbers."
    expect(code).to_have_accessible_description(missing)
    code.fill("7qmx2rta9wpf")
    fill_date(page, "2", "30", "1989")
    page.get_by_role("button", name="Open").click()
    month = page.get_by_label("Month")
    expect(month).to_be_focused()
    expect(month).to_have_accessible_description(
        "Check the date. It needs a month, a day and a year."
    )
    assert page.evaluate("document.body.dataset.opened") is None

    fill_date(page, "4", "12", "1989")
    page.get_by_role("button", name="Open").click()
    opened = json.loads(page.evaluate("document.body.dataset.opened"))
    assert opened[:2] == ["7qmx2rta9wpf", "1989-04-12"]


def test_four_words_are_typed_twice(page: Page) -> None:
    page.goto("/#first/four%20words")
    first = page.get_by_label("Four words", exact=True)
    second = page.get_by_label("The same four words again")
    expect(first).to_have_attribute("type", "password")
    page.get_by_label("Show what I type").check()
    expect(first).to_have_attribute("type", "text")

    first.fill("lake violin ")
    page.get_by_role("button", name="Use these words").click()
    expect(first).to_be_focused()
    expect(first).to_have_accessible_description(
        "Use four words or more, with a space between them."
    )
    first.fill("lake violin seventh carpet")
    second.fill("lake violin seven carpet")
    page.get_by_role("button", name="Use these words").click()
    expect(second).to_be_focused()
    expect(second).to_have_accessible_description("The two lines are not the same. Check both.")
    assert page.evaluate("document.body.dataset.opened") is None

    second.fill("Lake  violin seventh CARPET ")
    second.press("Enter")
    assert page.evaluate("document.body.dataset.opened") == '["lake violin seventh carpet"]'


def test_a_mistake_of_ours_ends_one_page_only(page: Page) -> None:
    page.goto("/me")
    expect(page.get_by_role("heading", name="This page stopped")).to_be_visible()
    page.get_by_role("link", name="Help numbers").click()
    expect(page.get_by_role("link", name="Call 988")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Go to Today").click()
    expect(page.get_by_role("heading", name=PERSONAL)).to_be_visible()


def fill_date(page: Page, month: str, day: str, year: str) -> None:
    for label, value in (("Month", month), ("Day", day), ("Year", year)):
        page.get_by_label(label).fill(value)
