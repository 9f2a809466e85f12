// The workbench of a review: keys, evidence, autosave. Without this script the page is one form.
"use strict";
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const bench = $(".workbench");
  const tabs = $$(".tabs a");

  // On a narrow screen one part is shown at a time.
  function openTab(id) {
    bench.classList.add("tabbed");
    for (const tab of tabs) {
      const target = tab.hash.slice(1);
      $(`#${target}`).classList.toggle("away", target !== id);
      target === id ? tab.setAttribute("aria-current", "true") : tab.removeAttribute("aria-current");
    }
  }
  for (const tab of tabs) tab.addEventListener("click", (event) => { event.preventDefault(); openTab(tab.hash.slice(1)); window.scrollTo(0, 0); });
  openTab(tabs[tabs.length - 1].hash.slice(1));
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#t"]');
    if (!link || !/^#t\d+$/.test(link.hash)) return;
    event.preventDefault();
    openTab("conversation");
    showTurn($(link.hash));
  });
  function showTurn(turn) {
    $$(".turn").forEach((each) => each.classList.remove("shown"));
    turn.scrollIntoView({ block: "center" });
    turn.tabIndex = -1;
    turn.focus({ preventScroll: true });
  }

  const form = $("form.scorecard[data-draft]");
  const texts = $("#texts");
  if (!form) {
    const reasons = $("#reasons");
    document.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        (reasons || $('form[action$="/reviews/next"]')).requestSubmit();
      }
    });
    if (reasons) ($("textarea", reasons) || $("button", reasons)).focus();
    return;
  }

  const say = texts.dataset;
  const questions = $$(".question", form);
  const turns = $$(".turn");
  const spoken = turns.map((turn) => $(".text", turn).textContent);
  const saved = $("#saved");
  const trouble = $("#trouble");
  const marking = $("#marking");
  const storeKey = `qm-review-${form.dataset.person}-${form.dataset.review}`;
  let current = null;

  // What is stored may be refused by the browser; then the page works without it.
  const store = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* full, or forbidden */ } },
    remove: (key) => { try { localStorage.removeItem(key); } catch { /* forbidden */ } },
  };

  // ---- What is typed, as a list of names and values ----
  const KEPT = new Set(["csrf_token", "etag", "scorecard"]);
  const fields = () => [...form.elements].filter((each) => each.name && !KEPT.has(each.name) && each.type !== "submit");
  function snapshot() {
    return JSON.stringify(fields().map((each) => ["radio", "checkbox"].includes(each.type) ? [each.name, each.value, each.checked] : [each.name, each.value]));
  }
  function restore(text) {
    const wanted = JSON.parse(text);
    for (const field of fields()) {
      const isCheck = ["radio", "checkbox"].includes(field.type);
      const found = wanted.find((each) => each[0] === field.name && (!isCheck || each[1] === field.value));
      if (!found) continue;
      if (isCheck) field.checked = found[2]; else field.value = found[1];
    }
    refresh();
  }

  // ---- Which questions and reasons are asked; the server is the judge ----
  const values = (question) => $$('[name^="value-"]', question).filter((each) => each.checked).map((each) => each.value);
  function refresh() {
    for (const question of questions) {
      const depends = question.dataset.if;
      const asked = !depends || (() => {
        const source = $(`[data-question="${CSS.escape(depends)}"]`, form);
        const options = JSON.parse(question.dataset.ifOptions);
        return source && !source.hidden && (options.length ? values(source).some((each) => options.includes(each)) : values(source).length > 0 && !values(source).includes("n/a"));
      })();
      question.hidden = question.disabled = !asked;
      for (const group of $$(".reasons", question)) {
        const wanted = values(question).includes(group.dataset.for);
        group.hidden = !wanted;
        if (!wanted) $$("input", group).forEach((each) => { each.checked = false; });
      }
      showPlaces(question);
      const given = values(question);
      $(".lacks", question).hidden = !("needsPlace" in question.dataset) || !given.length || given.includes("n/a") || placesOf(question).length > 0;
    }
    forgetMended();
    $("#answered").textContent = `${visible().filter(isAnswered).length} ${say.of} ${visible().length} ${say.answered}`;
    markTurns();
  }
  const visible = () => questions.filter((each) => !each.hidden);

  // What was refused is said until it is changed: whether it is well then is said when it is submitted again.
  const written = (question) => $$("input, textarea, select", question).map((each) => (/radio|checkbox/.test(each.type) ? each.checked : each.value)).join("\u0000");
  const faulty = new Map(questions.filter((each) => "faulty" in each.dataset).map((each) => [each, written(each)]));
  function forgetMended() {
    for (const [question, before] of faulty) {
      if (written(question) === before) continue;
      delete question.dataset.faulty;
      $$(".fault", question).forEach((each) => each.remove());
      $$('[aria-describedby^="fault-"]', question).forEach((each) => each.removeAttribute("aria-describedby"));
      faulty.delete(question);
      if (!faulty.size) $("#refused")?.remove();
    }
  }
  const isAnswered = (question) => values(question).length > 0 || $$(".value, .options textarea", question).some((each) => each.value.trim());

  // ---- Evidence: characters are counted as the server does, by code point ----
  const placesField = (question) => $('[name^="evidence-"]', question);
  const placesOf = (question) => placesField(question).value.split(/[\s,;]+/).filter(Boolean);
  const codePoints = (text, units) => Array.from(text.slice(0, units)).length;
  const units = (text, points) => Array.from(text).slice(0, points).join("").length;
  function readPlace(place) {
    const found = /^T?(\d+)(?::(\d+)-(\d+))?$/i.exec(place);
    return found && { turn: Number(found[1]) - 1, start: found[2] && Number(found[2]), end: found[3] && Number(found[3]) };
  }
  function showPlaces(question) {
    const shown = $("[data-places]", question);
    shown.replaceChildren();
    for (const place of placesOf(question)) {
      const read = readPlace(place);
      const chip = document.createElement("span");
      chip.className = "place";
      const link = document.createElement(read && turns[read.turn] ? "a" : "span");
      link.textContent = place.split(":")[0];
      if (read && turns[read.turn]) {
        link.href = `#t${read.turn + 1}`;
        const text = spoken[read.turn];
        if (read.end) link.title = text.slice(units(text, read.start), units(text, read.end));
      }
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "plain small";
      remove.textContent = "×";
      remove.setAttribute("aria-label", `${say.remove} ${place.split(":")[0]}`);
      remove.addEventListener("click", () => change(() => { placesField(question).value = placesOf(question).filter((each) => each !== place).join(" "); }));
      chip.append(link, remove);
      shown.append(chip, " ");
    }
  }
  function mark(place) {
    if (!current) return;
    const question = current;
    change(() => {
      const held = placesOf(question);
      placesField(question).value = (held.includes(place) ? held.filter((each) => each !== place) : [...held, place]).join(" ");
    });
    announce(`${say.marked} ${place.split(":")[0]}`);
  }
  // Where a point of the document lies within the text of a turn, in UTF-16 units.
  function offsetIn(text, node, offset) {
    const range = document.createRange();
    range.selectNodeContents(text);
    range.setEnd(node, offset);
    return range.toString().length;
  }
  function selectedPlaces() {
    const selection = window.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return [];
    const range = selection.getRangeAt(0);
    return turns.flatMap((turn, index) => {
      const text = $(".text", turn);
      if (!range.intersectsNode(text)) return [];
      const start = text.contains(range.startContainer) ? offsetIn(text, range.startContainer, range.startOffset) : 0;
      const end = text.contains(range.endContainer) ? offsetIn(text, range.endContainer, range.endOffset) : spoken[index].length;
      if (end <= start) return [];
      const whole = start === 0 && end === spoken[index].length;
      return [whole ? `T${index + 1}` : `T${index + 1}:${codePoints(spoken[index], start)}-${codePoints(spoken[index], end)}`];
    });
  }
  function evidence(question) {
    if (question) choose(question, false);
    const places = selectedPlaces();
    if (places.length) {
      places.forEach(mark);
      window.getSelection().removeAllRanges();
      return;
    }
    openTab("conversation");
    const first = current && placesOf(current).map(readPlace).find((each) => each && turns[each.turn]);
    const button = $(".mark", turns[first ? first.turn : 0]);
    if (button) {
      button.focus();
      announce(say.choose);
      if (current) marking.textContent = `${$("legend", current).textContent.trim()} ${say.marking}`;
    }
  }
  function backToCard() {
    marking.textContent = "";
    openTab("scorecard");
    focusOn(current);
  }
  for (const button of $$(".mark")) {
    // Pressing it must not lose the words that are selected in its turn.
    for (const press of ["pointerdown", "mousedown"]) button.addEventListener(press, (event) => event.preventDefault());
    button.addEventListener("click", () => {
      const place = `T${Number(button.closest(".turn").dataset.turn) + 1}`;
      const chosen = selectedPlaces().filter((each) => each.split(":")[0] === place);
      (chosen.length ? chosen : [place]).forEach(mark);
      window.getSelection().removeAllRanges();
      if (current) backToCard();
    });
    button.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
      if (event.key === "Escape" && current) { backToCard(); event.preventDefault(); }
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      const next = turns[Number(button.closest(".turn").dataset.turn) + step];
      if (next) { $(".mark", next).focus(); next.scrollIntoView({ block: "nearest" }); }
    });
  }

  // ---- Marks in the conversation: evidence of the current question, and what is searched for ----
  const find = $("#find");
  function markTurns() {
    const places = current && !current.hidden ? placesOf(current).map(readPlace).filter(Boolean) : [];
    const wanted = find.value.toLowerCase();
    let hits = 0;
    turns.forEach((turn, index) => {
      const text = spoken[index];
      const here = places.filter((each) => each.turn === index);
      turn.classList.toggle("marked", here.length > 0);
      const cuts = here.filter((each) => each.end).map((each) => [units(text, each.start), units(text, each.end), ""]);
      const lower = text.toLowerCase();
      if (wanted && lower.length === text.length) {
        const before = hits;
        for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + wanted.length)) {
          cuts.push([at, at + wanted.length, "hit"]);
          hits = before + 1;
        }
      }
      draw($(".text", turn), text, cuts.sort((a, b) => a[0] - b[0]));
    });
    $("#found").textContent = wanted ? `${hits} ${say.matches}` : "";
  }
  function draw(target, text, cuts) {
    const parts = [];
    let at = 0;
    for (const [start, end, kind] of cuts) {
      if (start < at) continue;
      const node = document.createElement("mark");
      node.className = kind;
      node.textContent = text.slice(start, end);
      parts.push(text.slice(at, start), node);
      at = end;
    }
    target.replaceChildren(...parts, text.slice(at));
  }
  find.addEventListener("input", () => {
    markTurns();
    const hit = $("mark.hit");
    if (hit) hit.scrollIntoView({ block: "nearest" });
  });

  // ---- The current question ----
  function choose(question, scroll = true) {
    if (current === question) return;
    if (current) current.classList.remove("current");
    current = question;
    current.classList.add("current");
    if (scroll) current.scrollIntoView({ block: "nearest" });
    markTurns();
  }
  function focusOn(question) {
    choose(question);
    (values(question).length && $(".choice:checked", question) || $(".choice, .value, textarea", question)).focus();
  }
  function move(step) {
    const shown = visible();
    const next = shown[Math.min(shown.length - 1, Math.max(0, shown.indexOf(current) + step))];
    if (next) { openTab("scorecard"); focusOn(next); }
  }
  form.addEventListener("focusin", (event) => {
    const question = event.target.closest(".question");
    if (question) choose(question, false);
  });
  form.addEventListener("pointerdown", (event) => {
    // Pressing "mark evidence" must not lose the text that is selected.
    if (event.target.closest('[data-act="evidence"]')) event.preventDefault();
  });
  form.addEventListener("mousedown", (event) => { if (event.target.closest('[data-act="evidence"]')) event.preventDefault(); });
  form.addEventListener("click", (event) => {
    const button = event.target.closest('[data-act="evidence"]');
    if (button) evidence(button.closest(".question"));
  });

  // ---- Changes, undo, autosave ----
  let last = null;
  const undoable = [];
  function change(deed) {
    deed();
    noteChange();
  }
  function noteChange() {
    const now = snapshot();
    if (now === last) return;
    undoable.push(last);
    if (undoable.length > 200) undoable.shift();
    last = now;
    refresh();
    keep();
    scheduleSave(0);
  }
  function undo() {
    const before = undoable.pop();
    if (before === undefined) return;
    restore(before);
    last = before;
    keep();
    announce(say.undone);
    scheduleSave(0);
  }
  let erased = false;
  const keep = () => erased || store.set(storeKey, JSON.stringify({ fields: snapshot() }));
  form.addEventListener("change", (event) => { if (!KEPT.has(event.target.name)) noteChange(); });
  document.addEventListener("change", (event) => { if (event.target.name && event.target.name.startsWith("feeling-")) noteChange(); });
  form.addEventListener("input", (event) => {
    if (event.target.matches("textarea, .value")) { keep(); scheduleSave(1500); }
  });

  let timer = null;
  let running = null;
  let again = false;
  let dirty = false;
  function scheduleSave(delay) {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  }
  function announce(text) { saved.textContent = text; }
  async function save() {
    clearTimeout(timer);
    if (running) { again = true; return running; }
    running = send();
    const done = await running;
    running = null;
    if (again) { again = false; return save(); }
    return done;
  }
  async function send() {
    announce(say.saving);
    const body = new FormData(form);
    const sent = snapshot();
    let answer;
    try {
      answer = await fetch(form.dataset.draft, { method: "POST", body, headers: { "HX-Request": "true" }, redirect: "manual" });
    } catch {
      complain(say.offline, [[say.retry, save]]);
      return false;
    }
    if (answer.status === 401 || answer.type === "opaqueredirect") {
      complain(`${say.signedOut} ${say.kept}`, [[say.signIn, () => { location.href = form.dataset.signIn; }]]);
      return false;
    }
    let told = {};
    try { told = await answer.json(); } catch { /* a page */ }
    if (answer.ok) {
      form.elements.etag.value = told.etag;
      if (snapshot() === sent) { dirty = false; store.remove(storeKey); }
      trouble.hidden = true;
      announce(`${say.saved} ${new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: say.zone })}`);
      if (told.reload) location.reload();
      return true;
    }
    refused(answer.status, told);
    return false;
  }
  function refused(status, told) {
    if (told.code === "conversation_changed") {
      complain(`${say.words} ${say.kept}`, [[say.reload, () => location.reload()]]);
    } else if (told.code === "stale_version") {
      complain(`${say.stale} ${say.kept}`, [
        [say.mine, () => { form.elements.etag.value = told.etag; save(); }],
        [say.theirs, () => { store.remove(storeKey); location.reload(); }],
      ]);
    } else if (status === 404) {
      // What was erased is kept nowhere, in this browser neither.
      erased = true;
      store.remove(storeKey);
      complain(say.erased, [[say.queue, () => { location.href = say.queueAddress; }]]);
    } else if (/^(not_claimed|already_)/.test(told.code || "")) {
      complain(`${say.gone} ${say.kept}`, [[say.queue, () => { location.href = say.queueAddress; }]]);
    } else if (status === 400) {
      complain(`${say.outdated} ${say.kept}`, [[say.reload, () => location.reload()]]);
    } else {
      complain([say.refused, ...(told.errors || []).map((each) => each.detail)].join(" "), [[say.retry, save]]);
    }
  }
  function complain(text, deeds) {
    const line = document.createElement("p");
    line.textContent = text;
    const buttons = deeds.map(([label, deed]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.addEventListener("click", deed);
      return button;
    });
    const row = document.createElement("div");
    row.className = "actions";
    row.append(...buttons);
    trouble.replaceChildren(line, row);
    trouble.hidden = false;
    trouble.scrollIntoView({ block: "nearest" });
    announce("");
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    noteChange();
    if (await save()) form.submit();
  });
  // A review that is put aside or given back takes no draft any more: what is being saved is waited for.
  for (const leaving of $$("form[data-leaves]")) leaving.addEventListener("submit", async (event) => {
    clearTimeout(timer);
    again = false;
    dirty = false;
    store.remove(storeKey);
    if (!running) return;
    event.preventDefault();
    const { submitter } = event;
    await running;
    running = null;
    leaving.requestSubmit(submitter);
  });
  // Enter chooses an option, and never submits: that is Ctrl+Enter.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || !event.target.matches("input") || event.target.form !== form) return;
    event.preventDefault();
    if (event.target.matches("[type=radio], [type=checkbox]")) event.target.click();
  });
  window.addEventListener("beforeunload", () => { if (dirty) keep(); });

  // ---- Keys ----
  const keysOn = $("#keys-on");
  keysOn.checked = store.get("qm-keys") !== "off";
  keysOn.addEventListener("change", () => store.set("qm-keys", keysOn.checked ? "on" : "off"));
  const items = () => $$(".side .item");
  function goTo(step) {
    const all = items();
    const next = all[all.findIndex((each) => each.hasAttribute("aria-current")) + step];
    if (next) next.click();
  }
  function openNote() {
    if (!current) return;
    const note = $(".note", current);
    note.open = true;
    $("textarea", note).focus();
  }
  function answer(key) {
    if (!current) return;
    const option = $$(".choice", current).find((each) => each.dataset.digit === key)
      || (/[1-9]/.test(key) && !"yn".includes(key) ? $$('.choice:not([data-digit="0"])', current)[Number(key) - 1] : null);
    if (option) { option.focus(); option.click(); return; }
    const typed = $(".value, .options textarea", current);
    if (typed && key !== "0") typed.focus();
  }
  const KEYS = {
    j: () => move(1), k: () => move(-1), e: () => evidence(null), c: openNote,
    f: () => $("#flagged").click(), u: undo, "[": () => goTo(-1), "]": () => goTo(1),
    s: () => { $("#skip").open = true; $("#skip_reason").focus(); }, "?": () => $("#keys").showModal(),
  };
  const isTyping = (target) => target.isContentEditable || target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
  document.addEventListener("keydown", (event) => {
    if ($("dialog[open]")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit($("#send-review"));
      return;
    }
    if (event.key === "Escape" && isTyping(event.target)) { event.target.blur(); if (current) focusOn(current); return; }
    if (!keysOn.checked || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const deed = KEYS[event.key] || (/^[0-9yn]$/.test(event.key) && (() => answer(event.key)));
    if (deed) { event.preventDefault(); deed(); }
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-key]");
    if (button) KEYS[button.dataset.key]();
  });

  // ---- Begin ----
  const kept = store.get(storeKey);
  last = snapshot();
  refresh();
  if (kept && JSON.parse(kept).fields !== last) {
    restore(JSON.parse(kept).fields);
    last = snapshot();
    announce(say.restored);
    scheduleSave(0);
  }
  const first = visible().find((each) => "faulty" in each.dataset) || visible().find((each) => !values(each).length) || visible()[0];
  if ($("#skip-fault")) $("#skip_reason").focus();
  else if (first) focusOn(first);
})();
