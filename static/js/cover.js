// The cover: takes a page out of sight and out of reach; after five minutes alone, by a key, from the
// menu. It changes nothing of the page: what was typed stays where it was typed.
(function () {
  'use strict';
  var ALONE = 5 * 60 * 1000, LOOK_EVERY = 5000; // milliseconds
  var root = document.documentElement, sheet = document.getElementById('cover-sheet');
  if (!sheet) return; // nobody is signed in
  var cover = null, before = null, seen = Date.now(), told = seen;
  var windows = 'BroadcastChannel' in window ? new BroadcastChannel('cover') : null;

  function tell(what) { if (windows) windows.postMessage(what); }
  function isAlone() { return Date.now() - seen >= ALONE; }
  function isField(element) { return /^(input|textarea|select)$/i.test(element.tagName) || element.isContentEditable; }

  function put() {
    if (cover) return;
    before = { title: document.title, focus: document.activeElement, left: scrollX, top: scrollY };
    document.body.append(sheet.content.cloneNode(true));
    cover = document.getElementById('cover');
    root.setAttribute('data-covered', ''); // the stylesheet leaves nothing else, on paper neither
    document.title = sheet.dataset.title;
    cover.querySelector('button').addEventListener('click', lift);
    cover.querySelector('button').focus();
  }
  function lift() {
    cover.remove();
    cover = null;
    root.removeAttribute('data-covered');
    document.title = before.title;
    scrollTo(before.left, before.top);
    if (before.focus.isConnected) before.focus.focus({ preventScroll: true });
    seen = Date.now();
  }
  function putEverywhere() { put(); tell('cover'); }

  // ---- left alone: by all windows of this browser, for whoever works in one is there ----
  // A computer that slept wakes with its timers late: so the clock is asked, also before the first move counts.
  function here() {
    if (cover) return;
    if (isAlone()) { put(); return; }
    seen = Date.now();
    if (seen - told >= LOOK_EVERY) { told = seen; tell('here'); }
  }
  function look() { if (isAlone()) put(); }
  setInterval(look, LOOK_EVERY);
  document.addEventListener('visibilitychange', look);
  ['pointerdown', 'pointermove', 'touchstart', 'wheel', 'scroll', 'input'].forEach(function (name) {
    window.addEventListener(name, here, { capture: true, passive: true });
  });
  if (windows) {
    windows.addEventListener('message', function (event) {
      if (event.data === 'cover') put();
      else seen = Date.now();
    });
  }

  // ---- keys: "." where nothing is typed, Ctrl+. anywhere; under the cover any key lifts it ----
  // Those held with Ctrl, Alt or Cmd are the browser's there: it finds and prints the cover.
  var MODIFIER = /^(Shift|Control|Alt|AltGraph|Meta|CapsLock)$/;
  function swallow(event) { event.preventDefault(); event.stopImmediatePropagation(); }
  window.addEventListener('keydown', function (event) {
    var isHeld = event.ctrlKey || event.metaKey;
    if (cover) {
      if (isHeld || event.altKey || MODIFIER.test(event.key)) return;
      swallow(event);
      if (!event.repeat) lift();
      return;
    }
    here();
    if (event.key === '.' && !event.altKey && !event.isComposing && (isHeld || isLetter(event.target))) putEverywhere();
    if (cover) swallow(event);
  }, true);
  function isLetter(target) { return !isField(target) && document.body.dataset.shortcuts !== 'off'; }

  // ---- the menu: there is no key on a phone ----
  document.querySelectorAll('[data-cover]').forEach(function (button) {
    button.hidden = false;
    button.addEventListener('click', function () {
      var menu = button.closest('details');
      menu.open = false;
      menu.querySelector('summary').focus();
      putEverywhere();
    });
  });

  // What a browser keeps of a page that was left is the cover; app.js fetches the page anew over it.
  window.addEventListener('pagehide', function () {
    put();
    if (windows) windows.close();
  });
})();
