// Comfort only: every page of the office works without this file.
(() => {
  "use strict";

  const FRESH = "X-Poll";
  const LAST_MINUTES = 180_000;
  const rung = new Set(); // clocks that have run out here: the server is asked once what became of them
  let ahead = 0; // how far the portal's clock is ahead of this browser's, in milliseconds

  const poll = document.getElementById("poll");
  const stale = document.getElementById("stale");
  const held = document.getElementById("held");

  // --- clocks: counted down by the portal's time, which a demo may have moved ---------------------------------------
  function readMoment() {
    const moment = document.getElementById("moment");
    if (moment) ahead = Date.parse(moment.dataset.now) - Date.now();
  }

  function tick() {
    for (const clock of document.querySelectorAll("[data-until]")) {
      const left = Math.max(0, Date.parse(clock.dataset.until) - Date.now() - ahead);
      const seconds = Math.floor(left / 1000);
      const words = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      const shown = clock.querySelector("[data-left]");
      if (shown.textContent !== words) shown.textContent = words;
      clock.classList.toggle("is-short", left < LAST_MINUTES);
      if (left === 0 && poll && !rung.has(clock.dataset.until)) {
        rung.add(clock.dataset.until);
        htmx.trigger(poll, "look");
      }
    }
  }

  // --- a text that is to be pasted elsewhere ---------------------------------------------------------------------------
  for (const button of document.querySelectorAll("[data-copy-from]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copyFrom).value);
      document.getElementById(button.getAttribute("aria-controls")).textContent = button.dataset.copied;
    });
  }

  readMoment();
  if (document.querySelector("[data-now]")) setInterval(tick, 1000);
  if (!poll) return;

  // --- polling: a part that did not change is left alone, and with it the focus, what is open, what is selected -------
  const served = new Map();
  const behind = new Set(); // parts that somebody is using while the server has something newer
  for (const part of document.querySelectorAll("[data-live]")) served.set(part.id, plain(part));
  for (const kind of ["toggle", "change"]) {
    document.addEventListener(kind, () => behind.size && htmx.trigger(poll, "look"), true);
  }

  /** What the server said of this part: without the tokens of its forms, and without the clocks that run here anyway. */
  function plain(part) {
    const copy = part.cloneNode(true);
    for (const token of copy.querySelectorAll("[name=csrfmiddlewaretoken]")) token.remove();
    for (const left of copy.querySelectorAll("[data-left]")) left.textContent = "";
    for (const clock of copy.querySelectorAll(".is-short")) clock.classList.remove("is-short");
    return copy.innerHTML.replaceAll(' class=""', "");
  }

  /** How to find the focused thing again in a part that was drawn anew. */
  function name(element) {
    if (element.id) return `#${CSS.escape(element.id)}`;
    if (element.matches("a[href]")) return `a[href="${CSS.escape(element.getAttribute("href"))}"]`;
    const form = element.closest("form[action]");
    return form ? `form[action="${CSS.escape(form.getAttribute("action"))}"] ${element.localName}` : "";
  }

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target === poll && document.hidden) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) htmx.trigger(poll, "look");
  });

  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target !== poll && event.detail.elt !== poll) return;
    const { xhr } = event.detail;
    if (xhr.status < 500 && !xhr.getResponseHeader(FRESH)) location.reload(); // the session is over: the login page, with the way back
  });

  document.body.addEventListener("htmx:oobBeforeSwap", (event) => {
    const part = event.detail.target;
    if (!part.hasAttribute("data-live")) return;
    const fresh = event.detail.fragment.firstElementChild;
    const now = plain(fresh);
    const used = part.querySelector("select:focus, input:not([type=checkbox]):focus, input[type=checkbox]:checked, details[open]");
    const isNews = served.get(part.id) !== now;
    behind[used && isNews ? "add" : "delete"](part.id);
    held.hidden = behind.size === 0;
    if (!isNews || used) return void (event.detail.shouldSwap = false);
    served.set(part.id, now);
    const focused = part.contains(document.activeElement) ? name(document.activeElement) : "";
    if (focused) queueMicrotask(() => document.getElementById(part.id).querySelector(focused)?.focus({ preventScroll: true }));
  });

  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt !== poll) return;
    stale.hidden = event.detail.successful;
    readMoment();
    tick();
  });
})();
