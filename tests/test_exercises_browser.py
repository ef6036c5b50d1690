"""Exercises by keyboard, on a phone, and through reload and Back."""

from tests.conftest import check_fits, settle, wait_until


def test_arrow_keys_move_and_only_the_button_commits(visit):
    page = visit("probabilities")
    radios = page.get_by_role("radio", name="none", exact=True)
    radios.first.focus()
    page.keyboard.press("Space")
    settle(page)
    for _press in range(2):
        page.keyboard.press("ArrowDown")
        settle(page)
    chosen = page.get_by_role("radio", name="all three")
    wait_until(chosen.is_checked, "the arrow keys to move")
    assert page.get_by_test_id("stAlert").count() == 0
    assert "solved" not in page.url
    page.get_by_role("button", name="Check", exact=True).first.focus()
    page.keyboard.press("Enter")
    page.get_by_test_id("stAlert").get_by_text("Right.").wait_for()
    page.wait_for_function("location.search.includes('solved=prob-raise')")


def test_a_wrong_try_is_told_why_hints_open_and_the_reload_knows_what_was_seen(visit):
    page = visit("train", viewport={"width": 400, "height": 900})
    number = page.get_by_role("spinbutton", name="Your prediction").first
    page.get_by_role("button", name="Hint", exact=True).first.click()
    page.get_by_text("What is the probability of each label at logit 0?").wait_for()
    for guess, told in (("5", "has not seen a row yet"), ("0", "That comes later")):
        number.fill(guess)
        page.get_by_role("button", name="Check", exact=True).first.click()
        page.get_by_text(told).wait_for()
    page.get_by_text("The answer: 512.").wait_for()
    check_fits(page, "h1")
    page.wait_for_function("location.search.includes('seen=train-start')")
    page.reload()
    settle(page)
    page.get_by_text("Answered before.").wait_for()
    assert page.get_by_text("The answer: 512.").count() == 0
    page.get_by_role("button", name="Again, with fresh numbers").first.click()
    page.get_by_text("Answered before.").wait_for(state="detached")


def test_a_try_goes_on_in_another_language(visit):
    page = visit("probabilities")
    page.get_by_role("radio", name="only the next highest").check(force=True)
    settle(page)
    page.get_by_role("button", name="中文").click()
    page.wait_for_function("document.documentElement.lang === 'zh'")
    settle(page)
    assert page.locator(".st-key-prob-raise-0-choice input").nth(1).is_checked()
    page.locator(".st-key-prob-raise-check button").click()
    page.get_by_test_id("stAlert").wait_for()
    page.get_by_role("button", name="English").click()
    page.get_by_test_id("stAlert").get_by_text("Not quite.").wait_for()
    settle(page)
    page.get_by_role("radio", name="all three").check(force=True)
    page.locator(".st-key-prob-raise-check button").click()
    page.get_by_test_id("stAlert").get_by_text("Right.").wait_for()
