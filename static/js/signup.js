// Picking a time: what was chosen stands in the bar that books, with its dates. Without this file the
// dates stand under the times and Book is an ordinary button. Loaded before the page is drawn, so that
// nothing jumps.
(function () {
  'use strict';
  document.documentElement.classList.add('scripted');

  function show(radio, spoken) {
    var bar = document.getElementById('bookbar'), about = document.getElementById(radio.id + '-about');
    var words = document.getElementById('chosen');
    if (!bar || !about) return;
    words.replaceChildren.apply(words, Array.from(about.cloneNode(true).childNodes));
    words.querySelectorAll('[id]').forEach(function (element) { element.removeAttribute('id'); });
    var first = !bar.classList.contains('is-chosen');
    bar.classList.add('is-chosen');
    if (!spoken) return;
    radio.closest('label').scrollIntoView({ block: 'nearest' });
    window.oo.say(words.textContent + (first ? ' The button Book this time is at the end of the form.' : ''));
  }
  function chosen() { return document.querySelector('#times input[name="seat"]:checked'); }

  document.addEventListener('change', function (event) {
    if (event.target.name === 'seat') show(event.target, true);
  });
  // A browser that comes back to the page remembers what was chosen.
  window.addEventListener('pageshow', function () { if (chosen()) show(chosen(), false); });
})();
