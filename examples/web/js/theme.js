// A classic script in the head, so that the chosen theme is there before the first paint.
// localStorage throws where the user has switched it off; the page then follows the system.
(() => {
  try {
    const chosen = localStorage.getItem("tasks.theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch { /* follows the system */ }
})();
