// The term grid. The server sends a plain table of buttons that paint by themselves, and draws every
// cell. Here: many cells at once by mouse and keys, answers without a new page, one tab stop on wide screens.
(function () {
  'use strict';
  var form = document.getElementById('grid'), table = document.getElementById('term');
  if (!table || !window.htmx) return;
  var wide = matchMedia('(min-width: 48rem)'), placing = table.classList.contains('placing');
  var undoAt = form.dataset.undoAt, redoAt = form.dataset.redoAt;
  var pos = [1, 1], anchor = null, drag = null, dragged = false, failed = [], inspected = '';

  function all(selector, within) { return Array.from((within || document).querySelectorAll(selector)); }
  function brush() { return form.elements.brush.value; }

  // ---- the table as rows of buttons, names of days and periods included ----
  function rows() { return Array.from(table.rows, function (row) { return Array.from(row.cells, function (cell) { return cell.querySelector('button'); }); }); }
  function at(place) { var row = rows()[place[0]]; return row && row[place[1]]; }
  function where(button) { var cell = button.closest('td, th'); return [cell.parentNode.rowIndex, cell.cellIndex]; }
  function isCell(button) { return !!button && button.classList.contains('slot'); }
  function box(from, to) {
    var found = [], lines = rows();
    for (var y = Math.min(from[0], to[0]); y <= Math.max(from[0], to[0]); y++) {
      for (var x = Math.min(from[1], to[1]); x <= Math.max(from[1], to[1]); x++) if (isCell(lines[y][x])) found.push(lines[y][x]);
    }
    return found;
  }
  function mark(cells) {
    all('[aria-selected="true"]', table).forEach(function (cell) { cell.setAttribute('aria-selected', 'false'); });
    cells.forEach(function (cell) { cell.parentNode.setAttribute('aria-selected', 'true'); });
  }
  function selected() { return all('[aria-selected="true"] .slot', table); }
  function unmark() { mark([]); anchor = null; }

  // ---- wide screens: a grid with one tab stop; phones keep the plain table ----
  function upgrade() {
    var on = wide.matches;
    role(table, on && 'grid');
    if (on) table.setAttribute('aria-multiselectable', 'true'); else table.removeAttribute('aria-multiselectable');
    Array.from(table.rows).forEach(function (row) { role(row, on && 'row'); });
    all('td', table).forEach(function (cell) { role(cell, on && 'gridcell'); });
    all('tbody td', table).forEach(function (cell) { if (!on) cell.removeAttribute('aria-selected'); else if (!cell.hasAttribute('aria-selected')) cell.setAttribute('aria-selected', 'false'); });
    all('th', table).forEach(function (cell) { role(cell, on && (cell.scope === 'col' ? 'columnheader' : 'rowheader')); });
    all('button', table).forEach(function (button) { if (on) button.tabIndex = -1; else button.removeAttribute('tabindex'); });
    if (on && at(pos)) at(pos).tabIndex = 0;
  }
  function role(element, name) { if (name) element.setAttribute('role', name); else element.removeAttribute('role'); }
  function go(place) {
    if (wide.matches) {
      if (at(pos)) at(pos).tabIndex = -1;
      at(place).tabIndex = 0;
    }
    pos = place;
  }
  function move(dy, dx, from) {
    var place = [from[0] + dy, from[1] + dx];
    while (rows()[place[0]] && place[1] >= 0 && place[1] < rows()[place[0]].length) {
      if (at(place)) { go(place); at(place).focus(); return; }
      place = [place[0] + dy, place[1] + dx]; // days without this period are passed over
    }
  }
  function jump(y, end) {
    var line = rows()[y], xs = line.map(function (button, x) { return button && x ? x : 0; }).filter(Boolean);
    if (!xs.length) return;
    go([y, end ? xs[xs.length - 1] : xs[0]]);
    at(pos).focus();
  }

  // ---- what stands in the cell that has focus ----
  function look(button) {
    var spot = document.getElementById('inspect');
    if (!isCell(button) || !button.dataset.where || spot.dataset.cell === button.id) return;
    delete spot.dataset.cell;
    inspected = button.id;
    spot.textContent = '';
    spot.hidden = false;
    add(spot, 'b', button.dataset.where);
    add(spot, 'span', button.dataset.time).className = 'soft num';
    var rhythm = button.querySelector('.cad'), words = button.querySelector('.desc'), busy = button.querySelector('.what');
    if (rhythm) {
      spot.appendChild(rhythm.cloneNode(true));
      add(spot, 'span', words.textContent.replace(/^\W+/, ''));
    } else add(spot, 'span', (busy ? busy.textContent + '. ' : '') + 'Not offered.');
    if (button.dataset.about) {
      var link = add(spot, 'a', 'Give up a place');
      link.href = '?about=' + encodeURIComponent(button.dataset.about) + '#inspect';
    }
  }
  function add(parent, name, words) {
    var element = document.createElement(name);
    element.textContent = words;
    parent.appendChild(element);
    parent.appendChild(document.createTextNode(' '));
    return element;
  }

  // ---- sending: one after the other; what failed is kept and can be sent again ----
  function send(path, values) { window.htmx.ajax('POST', path, { source: form, target: table, swap: 'none', values: values }); }
  function paint(cells, letter) {
    var keys = cells.filter(function (cell) { return cell.name === 'cell'; }).map(function (cell) { return cell.value; });
    if (keys.length) send(form.getAttribute('action'), { cell: keys, brush: letter });
    unmark();
  }
  function paintOne(cell) { paint([cell], cell.dataset.brush === brush() ? 'x' : brush()); }
  function turn(path) { if (path) send(path, {}); }
  function again() {
    var waiting = failed;
    failed = [];
    waiting.forEach(function (each) { send(each.path, each.values); });
  }
  function show(state) { all('[data-save]').forEach(function (words) { words.hidden = words.dataset.save !== state; }); }
  function valuesOf(sent) {
    var values = {};
    ['cell', 'line', 'brush'].forEach(function (name) { if (sent.getAll(name).length) values[name] = sent.getAll(name); });
    return values;
  }
  form.addEventListener('htmx:beforeRequest', function () { show('saving'); });
  table.addEventListener('htmx:beforeRequest', function () { show('saving'); });
  document.addEventListener('htmx:afterRequest', function (event) {
    if (event.detail.elt !== form) return;
    var config = event.detail.requestConfig, answer = event.detail.xhr.responseURL || '';
    var isSaved = event.detail.successful && answer.indexOf('/accounts/') === -1;
    if (!isSaved) failed.push({ path: config.path, values: valuesOf(config.formData) });
    show(failed.length ? 'failed' : 'saved');
  });
  document.addEventListener('click', function (event) { if (event.target.closest('[data-save-again]')) again(); });
  // Asked for by the bar that says what went wrong: the form without any of its buttons
  form.addEventListener('submit', function (event) {
    if (event.submitter) return;
    event.preventDefault();
    again();
  });
  document.addEventListener('submit', function (event) {
    var path = event.target.matches('#undo form') && event.target.getAttribute('action');
    if (!path || path !== undoAt && path !== redoAt) return;
    event.preventDefault();
    turn(path);
  });

  // ---- after an answer: the same tab stop, the same focus, the cell's new words ----
  var focused = '', inBar = false;
  document.addEventListener('htmx:beforeSwap', function () {
    focused = document.activeElement ? document.activeElement.id : '';
    inBar = !!document.activeElement && !!document.activeElement.closest('#undo');
  });
  document.addEventListener('htmx:afterSettle', function () {
    var element = focused && document.getElementById(focused) || inBar && document.querySelector('#undo button');
    if (element && document.activeElement === document.body) element.focus({ preventScroll: true });
    upgrade();
    look(isCell(document.activeElement) ? document.activeElement : document.getElementById(inspected));
  });

  // ---- pointer: the first cell decides between paint and clear; a drag fills a box; touch never drags ----
  if (!placing) {
    table.addEventListener('pointerdown', function (event) {
      var cell = event.target.closest('.slot');
      dragged = false;
      if (!isCell(cell) || cell.name !== 'cell' || event.pointerType === 'touch' || event.button || event.shiftKey) return;
      drag = { from: where(cell), to: where(cell) };
    });
    table.addEventListener('pointerover', function (event) {
      var cell = drag && event.target.closest('.slot');
      if (!cell) return;
      drag.to = where(cell);
      mark(box(drag.from, drag.to));
    });
    document.addEventListener('pointerup', function () {
      if (!drag) return;
      var cells = box(drag.from, drag.to), first = at(drag.from);
      drag = null;
      if (cells.length > 1) {
        dragged = true;
        paint(cells, first.dataset.brush === brush() ? 'x' : brush());
      } else unmark();
    });
    document.addEventListener('pointercancel', function () { drag = null; unmark(); });
  }

  form.addEventListener('click', function (event) {
    var button = event.target.closest('button');
    if (!button || placing) return;
    if (!table.contains(button)) return;
    event.preventDefault();
    if (dragged) { dragged = false; return; }
    var before = pos;
    go(where(button));
    if (button.name === 'line') send(form.getAttribute('action'), { line: button.value, brush: brush() });
    else if (event.shiftKey) paint(box(before, pos), brush());
    else paintOne(button);
  });

  // ---- keys: only while the grid has focus ----
  var ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  table.addEventListener('focusin', function (event) { if (event.target.matches('button')) { go(where(event.target)); look(event.target); } });
  table.addEventListener('keydown', function (event) {
    if (!wide.matches || event.altKey || event.isComposing) return;
    var key = event.key, letter = key.toLowerCase(), control = event.ctrlKey || event.metaKey, arrow = ARROWS[key];
    if (arrow && !control) {
      event.preventDefault();
      if (document.documentElement.dir === 'rtl') arrow = [arrow[0], -arrow[1]];
      if (event.shiftKey && !placing) {
        anchor = anchor || pos;
        move(arrow[0], arrow[1], pos);
        var cells = box(anchor, pos);
        mark(cells);
        window.oo.say(cells.length + ' selected');
      } else { unmark(); move(arrow[0], arrow[1], pos); }
    } else if (key === 'Home' || key === 'End') {
      event.preventDefault();
      unmark();
      jump(control ? (key === 'Home' ? 1 : table.rows.length - 1) : pos[0], key === 'End');
    } else if (control && (letter === 'z' || letter === 'y') && !placing) {
      if (letter === 'z' && !event.shiftKey && document.querySelector('#undo [data-undo]')) return; // the bar's own
      event.preventDefault();
      turn(letter === 'y' || event.shiftKey ? redoAt : undoAt);
    } else if (key === 'Escape') {
      unmark();
      if (placing) document.querySelector('[data-stop]').click();
    } else if (!placing && !control && 'wbmx'.indexOf(letter) > -1 && letter.length === 1) {
      event.preventDefault();
      form.elements.brush.value = letter;
      if (selected().length) paint(selected(), letter);
      else if (isCell(at(pos))) paint([at(pos)], letter);
      else send(form.getAttribute('action'), { line: at(pos).value, brush: letter });
    } else if (!placing && (key === ' ' || key === 'Enter') && selected().length > 1) {
      event.preventDefault();
      paint(selected(), brush());
    }
  });

  // ---- phones: another day without a new page ----
  all('.daypick [data-day]').forEach(function (link) {
    link.addEventListener('click', function (event) {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      all('.daypick [aria-current]').forEach(function (other) { other.removeAttribute('aria-current'); });
      link.setAttribute('aria-current', 'true');
      all('tbody td', table).forEach(function (cell) { cell.classList.toggle('day-on', cell.dataset.day === link.dataset.day); });
      form.elements.day.value = link.dataset.day;
      history.replaceState(null, '', link.href);
    });
  });

  wide.addEventListener('change', upgrade);
  var first = table.querySelector('[autofocus]');
  if (first) pos = where(first);
  upgrade();
  if (first && document.activeElement === first) look(first);
  var saved = document.getElementById('saved');
  if (saved && !placing) saved.hidden = false;
  if (placing) window.oo.say(document.querySelector('#placing span').textContent);
})();
