// Runs before the first paint, so that a kept theme or language never flashes the other one.
(() => {
  "use strict";
  /** @param {string} key */
  const kept = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // storage may be blocked
    }
  };
  const root = document.documentElement;
  const theme = kept("chuchu.theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const language = kept("chuchu.language") ?? navigator.language;
  root.lang = /^zh/i.test(language) ? "zh-CN" : "en";
})();
