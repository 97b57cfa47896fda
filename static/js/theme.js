// Runs before the first paint, so that no page flashes in the wrong theme.
(function () {
  var chosen = null;
  try { chosen = localStorage.getItem('theme'); } catch (error) { /* storage may be off */ }
  var dark = chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.setAttribute('data-bs-theme', dark ? 'dark' : 'light');
})();
