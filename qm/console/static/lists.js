// Says that a list is being loaded; what takes long is seen to be under way.
const say = (where, words) => {
  const told = document.createElement("span");
  told.setAttribute("role", "status");
  told.className = "muted";
  told.textContent = words;
  where.append(told);
};
for (const form of document.querySelectorAll("form[data-loading]")) form.addEventListener("submit", () => say(form, form.dataset.loading));
for (const link of document.querySelectorAll("a[data-loading]")) link.addEventListener("click", () => say(link.parentElement, link.dataset.loading));
// One folded part is open at a time; Escape closes it.
const folds = document.querySelectorAll("details.fold");
for (const fold of folds) {
  fold.addEventListener("toggle", () => { if (fold.open) for (const other of folds) if (other !== fold) other.open = false; });
  fold.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && fold.open) { fold.open = false; fold.querySelector("summary").focus(); }
  });
}
