"""The API reference as a person sees it."""

from tests.waiting import PATIENCE


def test_the_reference_page_shows_every_operation_without_errors_or_foreign_requests(browser, address):
    page = browser.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    errors, foreign = [], []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on(
        "request", lambda sent: None if sent.url.startswith((address, "data:")) else foreign.append(sent.url)
    )

    page.goto(f"{address}/docs")
    page.wait_for_selector(".opblock")

    shown = page.locator(".opblock-summary-path").count()
    page.close()
    assert (errors, foreign) == ([], [])
    assert shown > 40
