// YAML with line numbers: the numbers follow the lines, marks follow the faults, and a fault leads to its line.
const area = document.querySelector(".yaml textarea");
const gutter = document.querySelector(".yaml ol");
if (area && gutter) {
  const number = () => {
    const lines = Math.max(area.value.split("\n").length, 12);
    while (gutter.children.length < lines) {
      const item = document.createElement("li");
      item.textContent = gutter.children.length + 1;
      gutter.append(item);
    }
    while (gutter.children.length > lines) gutter.lastElementChild.remove();
    area.rows = lines;
  };
  const mark = () => {
    const marked = new Set([...document.querySelectorAll("[data-line]")].map((each) => Number(each.dataset.line)));
    [...gutter.children].forEach((item, place) => item.classList.toggle("fault-line", marked.has(place + 1)));
  };
  area.addEventListener("input", number);
  document.addEventListener("htmx:afterSwap", mark);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    if (!link) return;
    event.preventDefault();
    const lines = area.value.split("\n");
    const from = lines.slice(0, link.dataset.line - 1).join("\n").length + (link.dataset.line > 1 ? 1 : 0);
    area.focus();
    area.setSelectionRange(from, from + (lines[link.dataset.line - 1] || "").length);
    gutter.children[link.dataset.line - 1].scrollIntoView({ block: "center" });
  });
  // Tab indents, as YAML needs blanks; Escape first lets Tab leave the field again.
  let leaves = false;
  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leaves = true;
    else if (event.key === "Tab" && !leaves && !event.shiftKey) {
      event.preventDefault();
      area.setRangeText("  ", area.selectionStart, area.selectionEnd, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    } else leaves = false;
  });
  number();
}
// Whoever leaves with a text that is not saved is asked.
let changed = false;
document.addEventListener("input", (event) => { if (event.target.closest("form[data-unsaved]")) changed = true; });
document.addEventListener("submit", () => { changed = false; });
window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
