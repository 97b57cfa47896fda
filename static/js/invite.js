// Inviting: the button says how many are ticked. Without this file it says "Invite those ticked".
(function () {
  'use strict';
  var button = document.querySelector('[data-invite]');
  if (!button) return;
  var unsure = button.textContent;

  function count() {
    var many = document.querySelectorAll('input[name="person"]:checked').length;
    button.textContent = many ? 'Invite ' + many + (many === 1 ? ' person' : ' people') : unsure;
  }
  document.addEventListener('change', function (event) { if (event.target.name === 'person') count(); });
  // A browser that comes back to the page remembers who was ticked.
  window.addEventListener('pageshow', count);
  count();
})();
