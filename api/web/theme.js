/** Light or dark: the system's choice until a person makes another. */

import { write } from "./language.js";
import { keep } from "./storage.js";

const dark = matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  const { theme } = document.documentElement.dataset;
  return theme ? theme === "dark" : dark.matches;
}

/** @param {HTMLButtonElement} button */
export function themeSwitch(button) {
  const label = () => write(button, isDark() ? "toLight" : "toDark");
  button.addEventListener("click", () => {
    const theme = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    keep("theme", theme);
    label();
  });
  dark.addEventListener("change", label);
  label();
}
