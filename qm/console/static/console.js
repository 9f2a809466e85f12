// Small things every page may need; nothing works only because of it.
document.documentElement.classList.add("scripted");
// The browser knows the reader's time zone; the sign-in form takes it along.
for (const field of document.querySelectorAll("input[data-time-zone]")) {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
}
// Forms that ask before they do something that cannot be taken back.
document.addEventListener("submit", (event) => {
  const asks = [event.submitter, event.target].find((each) => each && each.dataset && each.dataset.confirm);
  const question = asks && asks.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});
// Choosing from these sends the form at once; without a script there is a button.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-send-on-change]");
  if (form) form.requestSubmit();
});
// Secrets that are shown once: selected by a click, copied by a button.
document.addEventListener("focusin", (event) => {
  if (event.target.matches("input[data-select]")) event.target.select();
});
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  await navigator.clipboard.writeText(field.value);
  button.textContent += " ✓";
});
// A form that was refused opens at its first fault, also where it is folded away.
const refused = document.querySelector("main form [aria-invalid=true]");
if (refused) {
  for (let at = refused.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
  refused.focus();
}
