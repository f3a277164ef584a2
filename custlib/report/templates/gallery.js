"use strict";
// Searches and sorts the list. Without it everything is listed, by study.
(() => {
  const [tools, words, order, told] = ["tools", "words", "order", "told"].map((id) =>
    document.getElementById(id),
  );
  const made = (name, shape) => Object.assign(document.createElement(name), shape);
  const fold = (text) =>
    text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replace(/\u2212/g, "-");
  const entries = [...document.querySelectorAll("[data-words]")].map((element) => ({
    element,
    home: element.parentNode,
    text: fold(element.dataset.words),
    name: fold(element.dataset.name || ""),
  }));
  if (!entries.length) return;
  const flat = made("section", { className: "gallery", id: "flat" });
  const title = flat.appendChild(made("h2", {}));
  document.querySelector("main > header").after(flat);
  const sections = [...document.querySelectorAll("main > section")];
  const isRun = (entry) => entry.element.matches("article");
  const done = entries.filter((entry) => "newest" in entry.element.dataset);
  // Away from its study a run says which question it answers.
  for (const { element, home } of done) {
    const textContent = home.querySelector("h2").textContent;
    element.prepend(made("p", { className: "of", textContent }));
  }
  const collator = new Intl.Collator("en", { numeric: true });
  const rank = (key) => (one, other) => one.element.dataset[key] - other.element.dataset[key];
  const orders = {
    newest: rank("newest"),
    verified: rank("verified"),
    name: (one, other) => collator.compare(one.name, other.name) || rank("newest")(one, other),
  };
  let sorted = "";
  let waiting = 0;

  function sort() {
    if (sorted === order.value) return;
    sorted = order.value;
    const by = orders[sorted];
    for (const entry of by ? [...done].sort(by) : done) {
      (by ? flat : entry.home).append(entry.element);
    }
    title.textContent = order.selectedOptions[0].textContent;
  }

  function search() {
    const wanted = fold(words.value).split(/\s+/).filter(Boolean);
    for (const entry of entries) {
      entry.element.hidden = !wanted.every((word) => entry.text.includes(word));
    }
    for (const section of sections) {
      section.hidden = !section.querySelector("[data-words]:not([hidden])");
    }
    const runs = entries.filter(isRun);
    const left = runs.filter((entry) => !entry.element.hidden).length;
    const counted = `${runs.length} run${runs.length === 1 ? "" : "s"}`;
    told.textContent = wanted.length ? `${left || "None"} of ${counted}` : counted;
  }

  function keep() {
    const state = new URLSearchParams();
    if (words.value.trim()) state.set("q", words.value.trim());
    if (order.value !== "study") state.set("sort", order.value);
    const kept = String(state);
    if (kept !== location.hash.slice(1)) {
      history.replaceState(null, "", kept ? `#${kept}` : location.href.split("#")[0]);
    }
  }

  function restore() {
    const state = new URLSearchParams(location.hash.slice(1));
    words.value = state.get("q") || "";
    order.value = Object.hasOwn(orders, state.get("sort")) ? state.get("sort") : "study";
    sort();
    search();
  }

  words.addEventListener("input", () => {
    search();
    // Browsers refuse an address that changes with every letter.
    clearTimeout(waiting);
    waiting = setTimeout(keep, 250);
  });
  order.addEventListener("change", () => {
    sort();
    search();
    keep();
  });
  addEventListener("hashchange", restore);
  tools.hidden = false;
  restore();
})();
