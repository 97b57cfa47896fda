// What allauth's scripts leave to the page: show its buttons where passkeys work, and say what went wrong.
(function () {
  'use strict';
  var WORDS = {
    InvalidStateError: 'This device has a passkey for you already.',
    NotAllowedError: 'No passkey was given, or it took too long. Try again, or use another way.',
    SecurityError: 'Passkeys work only at the address that your school uses for this site.'
  };
  var works = 'PublicKeyCredential' in window;

  document.querySelectorAll('[data-passkey]').forEach(function (each) { each.hidden = !works; });
  document.querySelectorAll('[data-no-passkey]').forEach(function (each) { each.hidden = works; });

  document.addEventListener('allauth.error', function (event) {
    event.preventDefault();
    var place = document.querySelector('[data-passkey-trouble]');
    place.textContent = WORDS[event.detail.exception.name] || 'That did not work. Try again, or use another way.';
    place.hidden = false;
  });
})();
