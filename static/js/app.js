// What every page shares: theme, spoken status, undo, keys, trouble with requests. The page works without it.
(function () {
  'use strict';
  var root = document.documentElement;

  function find(selector, within) { return (within || document).querySelector(selector); }
  function all(selector, within) { return Array.from((within || document).querySelectorAll(selector)); }
  function isField(element) { return /^(input|textarea|select)$/i.test(element.tagName) || element.isContentEditable; }

  // ---- spoken status: words only, once; an empty moment makes the same words audible again ----
  function say(words) {
    var region = find('#say');
    region.textContent = '';
    setTimeout(function () { region.textContent = words; }, 50);
  }
  window.oo = { say: say };
  // Asked for by the answer's header: HX-Trigger: {"say": "Undone"}
  document.addEventListener('say', function (event) { say(event.detail.value); });

  // ---- theme ----
  var toggle = find('[data-theme-toggle]');
  function showTheme() { toggle.setAttribute('aria-pressed', String(root.getAttribute('data-bs-theme') === 'dark')); }
  toggle.hidden = false;
  showTheme();
  toggle.addEventListener('click', function () {
    var theme = root.getAttribute('data-bs-theme') === 'dark' ? 'light' : 'dark';
    root.setAttribute('data-bs-theme', theme);
    try { localStorage.setItem('theme', theme); } catch (error) { /* then it lasts for this page */ }
    showTheme();
  });

  // ---- undo: no timer; the bar leaves with the next action, with Undo, or when closed ----
  var how = ' To undo, press Control Z.'; // once a page: whoever paints hears many bars
  function showUndo() {
    var bar = find('#undo .undo-bar');
    if (!bar || bar.dataset.said) return;
    bar.dataset.said = 'yes';
    find('[data-undo-close]', bar).hidden = false;
    say(find('[data-undo-words]', bar).textContent + (find('[data-undo]', bar) ? how : ''));
    if (find('[data-undo]', bar)) how = '';
  }
  showUndo();
  document.addEventListener('htmx:oobAfterSwap', function (event) { if (event.detail.target.id === 'undo') showUndo(); });

  document.addEventListener('click', function (event) {
    if (!event.target.closest) return;
    if (event.target.closest('[data-undo-close]')) find('#undo').textContent = '';
    if (event.target.closest('[data-print]')) window.print();
    all('details[data-menu][open]').forEach(function (menu) { if (!menu.contains(event.target)) menu.open = false; });
  });

  // ---- keys: Ctrl+Z, "/" and Esc; in a field they belong to the field ----
  document.addEventListener('keydown', function (event) {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key === 'Escape') {
      var open = event.target.closest('details[open]');
      if (open) { open.open = false; find('summary', open).focus(); }
      return;
    }
    if (isField(event.target)) return;
    var undo = find('#undo [data-undo]');
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'z' && undo) {
      event.preventDefault();
      undo.requestSubmit();
    }
    var jump = find('.jump');
    if (event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && jump && document.body.dataset.shortcuts !== 'off') {
      event.preventDefault();
      jump.click();
    }
  });

  // ---- errors: after a page with problems, one is at the summary ----
  function toSummary(within) {
    var summary = find('[data-error-summary]', within);
    if (summary) summary.focus();
  }
  toSummary(document);
  document.addEventListener('htmx:afterSettle', function (event) { toSummary(event.detail.elt.parentNode || document); });

  // ---- trouble: a request in the background failed; say so, keep everything, offer it again ----
  var trouble = find('#trouble'), failed = null;
  function showTrouble(kind, again) {
    all('[data-trouble]', trouble).forEach(function (words) { words.hidden = words.dataset.trouble !== kind; });
    find('[data-trouble-sign-in]', trouble).hidden = kind !== 'signed-out';
    find('[data-trouble-again]', trouble).hidden = !again;
    failed = again;
    trouble.hidden = false;
  }
  function hideTrouble() { trouble.hidden = true; failed = null; }
  find('[data-trouble-close]', trouble).addEventListener('click', hideTrouble);
  find('[data-trouble-again]', trouble).addEventListener('click', function () {
    var again = failed;
    hideTrouble();
    if (again) again();
  });
  // The element that asked is asked to ask again, with what its form holds now.
  function repeat(event) {
    var config = event.detail.requestConfig, element = event.detail.elt;
    if (!config || !element.isConnected) return null;
    return function () {
      if (element.tagName === 'FORM') element.requestSubmit();
      else if (config.triggeringEvent) window.htmx.trigger(element, config.triggeringEvent.type);
    };
  }
  function kindOf(status) {
    if (status === 401) return 'signed-out';
    if (status === 403) return 'refused';
    if (status === 404 || status === 410) return 'gone';
    if (status === 429) return 'too-fast';
    return 'failed';
  }
  document.addEventListener('htmx:responseError', function (event) {
    var kind = kindOf(event.detail.xhr.status);
    showTrouble(kind, kind === 'refused' || kind === 'gone' ? null : repeat(event));
  });
  document.addEventListener('htmx:sendError', function (event) { showTrouble('offline', repeat(event)); });
  document.addEventListener('htmx:timeout', function (event) { showTrouble('slow', repeat(event)); });
  document.addEventListener('htmx:afterOnLoad', function (event) {
    if (event.detail.xhr.status < 400 && !isSignIn(event.detail.xhr)) hideTrouble();
  });

  function isSignIn(xhr) { return new URL(xhr.responseURL || '', location.href).pathname === trouble.dataset.signIn; }
  // A sign-in page instead of the piece that was asked for: the session has ended meanwhile.
  document.addEventListener('htmx:beforeSwap', function (event) {
    if (!isSignIn(event.detail.xhr)) return;
    event.detail.shouldSwap = false;
    showTrouble('signed-out', repeat(event));
  });

  // ---- waiting: what takes longer than 300 ms says that it is busy ----
  var waiting = new WeakMap();
  document.addEventListener('htmx:beforeRequest', function (event) {
    var target = event.detail.target;
    waiting.set(event.detail.xhr, setTimeout(function () { target.setAttribute('aria-busy', 'true'); }, 300));
  });
  document.addEventListener('htmx:afterRequest', function (event) {
    clearTimeout(waiting.get(event.detail.xhr));
    event.detail.target.removeAttribute('aria-busy');
  });

  // ---- words typed before the scripts were there are saved like any others ----
  document.addEventListener('htmx:load', function (event) {
    if (!event.target.querySelectorAll) return;
    event.target.querySelectorAll('textarea').forEach(function (field) {
      if (field.value !== field.defaultValue) field.dispatchEvent(new Event('input', { bubbles: true }));
    });
  });

  // ---- a gentle word beside a note that starts to read like an evaluation: here only, never sent ----
  var VERDICTS = new RegExp([
    '\\b(?:un)?satisfactory\\b', '\\bineffective\\b', '\\bhighly effective\\b', '\\bneeds improvement\\b',
    '\\bunderperform\\w*', '\\b(?:exceeds?|meets?|met|below) (?:all )?expectations\\b', '\\bdistinguished\\b',
    '\\bproficient\\b', '\\brubric\\b', '\\bappraisal\\b', '\\bperformance (?:review|rating|plan)\\b',
    '\\b(?:rated?|scored?|rating|score)(?: (?:as|of|a))* \\d', '\\b[1-5] ?(?:/|out of) ?[45]\\b',
    '\\b(?:domain|component|standard) \\d', '\\b[1-4][a-f]\\b'
  ].join('|'), 'i');
  document.addEventListener('input', function (event) {
    var form = event.target.closest && event.target.closest('form[data-nudge]');
    if (!form || event.target.tagName !== 'TEXTAREA') return;
    var word = find('.nudge', event.target.parentNode), reads = VERDICTS.test(event.target.value);
    if (!word || word.hidden !== reads) return;
    word.hidden = !reads;
    if (reads) say(word.textContent.split('. ')[0] + '.');
  });

  // A page from the browser's memory may show what is no longer so, or to somebody else.
  window.addEventListener('pageshow', function (event) { if (event.persisted) location.reload(); });
})();
