"""The API reference as a person sees it, and the page to try the API."""

from tests.waiting import PATIENCE


def test_the_reference_is_read_searched_and_followed(window):
    opened = window()
    page = opened.goto("/docs")
    assert opened.faults() == []
    page.get_by_label("Find an operation").fill("push")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="POST /v1/clients/{client}/interactions", exact=True).click()
    page.wait_for_url("**/docs/interactions#pushInteraction")
    page.locator("#pushInteraction summary", has_text="Python").click()
    assert page.get_by_text("import httpx").first.is_visible()
    assert opened.faults() == []


def test_the_reference_is_read_without_scripts(window):
    page = window(java_script_enabled=False).goto("/docs/reviews")

    page.locator(".operation summary").first.click()
    assert page.locator(".operation pre").first.is_visible()


def test_the_page_to_try_shows_every_operation_without_errors_or_foreign_requests(browser, address):
    page = browser.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    errors, foreign = [], []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on(
        "request", lambda sent: None if sent.url.startswith((address, "data:")) else foreign.append(sent.url)
    )

    page.goto(f"{address}/docs/try")
    shown = _operations_scrolled_through(page)
    document = page.request.get(f"{address}/openapi.json").json()
    page.close()

    described = [*document["paths"].values(), *document["webhooks"].values()]
    parts = [each for path in described for each in path.values()]
    operations = [each for each in parts if "operationId" in each]
    assert shown == {f"operations-{each['tags'][0]}-{each['operationId']}" for each in operations}
    assert (errors, foreign) == ([], [])


def _operations_scrolled_through(page) -> set[str]:
    """The ids of all operations: only those near the window are drawn at a time."""
    page.wait_for_selector(".opblock")
    shown: set[str] = set()
    while True:
        shown |= set(page.locator(".opblock").evaluate_all("drawn => drawn.map(each => each.id)"))
        at_end = page.evaluate("window.innerHeight + window.scrollY >= document.body.scrollHeight - 2")
        if at_end:
            return shown
        page.evaluate("window.scrollBy(0, window.innerHeight / 2)")
        page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
