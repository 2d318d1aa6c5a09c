// Comfort only: every page works without this file.
(() => {
  "use strict";

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      const told = document.getElementById(button.getAttribute("aria-controls"));
      if (told) told.textContent = button.dataset.copied;
    });
  }

  // Inside the terms: only the articles with the words stay, width and case left out.
  const find = document.querySelector("[data-find]");
  if (find) {
    const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, "");
    const articles = [...document.querySelectorAll(".terms__article")].map((article) => [article, plain(article.textContent)]);
    const input = find.querySelector("input");
    const told = document.getElementById(input.getAttribute("aria-describedby"));
    const show = () => {
      const wanted = plain(input.value);
      for (const [article, words] of articles) article.hidden = !words.includes(wanted);
      const found = articles.filter(([article]) => !article.hidden).length;
      told.textContent = !wanted ? "" : found ? find.dataset.found.replace("%d", found) : find.dataset.nothing;
    };
    find.hidden = false;
    document.querySelector("[data-find-without]").hidden = true;
    input.addEventListener("input", show);
    const open = () => { input.value = ""; show(); document.querySelector(":target")?.scrollIntoView(); };
    window.addEventListener("hashchange", open); // the contents list leads to articles that were folded away, too
  }

  // The minutes that are left of a wait run down; the server counts them, the browser's clock may be wrong.
  for (const left of document.querySelectorAll("[data-left]")) {
    const end = performance.now() + left.dataset.left * 1000;
    setInterval(() => {
      const minutes = Math.ceil((end - performance.now()) / 60000);
      const words = minutes > 0 ? left.dataset.words.replace("%d", minutes) : left.dataset.over;
      if (left.textContent !== words) left.textContent = words;
    }, 1000);
  }

  // What has to be said while a page is still open, the end of a sign-in for one, appears in its time.
  for (const later of document.querySelectorAll("[data-appears]")) {
    setTimeout(() => { later.hidden = false; }, Math.min(later.dataset.appears * 1000, 2 ** 31 - 1));
  }

  // A page that waits for somebody looks every 20 seconds whether anything changed, and never takes away what is being typed.
  const watched = document.querySelector("[data-watch]");
  if (watched) {
    setInterval(async () => {
      if (document.activeElement.matches("input, textarea")) return;
      const answer = await fetch(location.pathname).catch(() => null);
      if (!answer?.ok) return;
      const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-watch]");
      if (found?.dataset.watch !== watched.dataset.watch) location.replace(location.pathname);
    }, 20000);
  }

  // A second press while the first is on its way would only make people wait twice; the server counts it once anyway.
  for (const form of document.querySelectorAll("form")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) return event.preventDefault();
      form.dataset.sent = "yes";
      event.submitter?.setAttribute("aria-busy", "true");
    });
  }
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
    }
  });
})();
