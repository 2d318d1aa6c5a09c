/* The demo's guided tour: keeps the second factor's codes fresh. Without scripts, reloading the page does the same. */
(() => {
  const note = document.getElementById("codes");
  const refresh = async () => {
    const answer = await fetch(note.dataset.source).then((response) => response.json()).catch(() => null);
    if (!answer) return;
    note.querySelector("[data-left]").textContent = answer.left;
    for (const [name, code] of Object.entries(answer.codes)) {
      document.querySelector(`[data-code="${name}"]`).textContent = code;
    }
  };
  setInterval(refresh, 2000);
})();
