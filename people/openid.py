"""OpenID Connect of django-allauth, but for two things: answers are signed, and are to us."""

import secrets
from typing import Any

import jwt
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

ALGORITHM = "RS256"  # what Google and Microsoft sign with; never what a token says of itself


class SignedAdapter(OpenIDConnectOAuth2Adapter):
    """Holds an identity against its server's keys; allauth would leave that to TLS."""

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        """The claims of an identity; raises OAuth2Error where it is not signed as it should be."""
        try:
            algorithm = jwt.get_unverified_header(id_token).get("alg")
        except jwt.PyJWTError as error:
            raise OAuth2Error("No token") from error
        if algorithm != ALGORITHM:
            raise OAuth2Error("Signed in another way")
        claims: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        return claims


class NonceProvider(OpenIDConnectProvider):
    """Sends a nonce, and keeps nothing of what is said about somebody."""

    oauth2_adapter_class = SignedAdapter

    def redirect(
        self,
        request: HttpRequest,
        process: str,
        next_url: str | None = None,
        data: Any = None,
        **kwargs: Any,
    ) -> HttpResponse:
        nonce = secrets.token_urlsafe(32)
        kwargs["auth_params"] = (kwargs.get("auth_params") or {}) | {"nonce": nonce}
        return super().redirect(request, process, next_url, data, nonce=nonce, **kwargs)

    def sociallogin_from_response(
        self, request: HttpRequest, response: dict[str, Any]
    ) -> SocialLogin:
        """The sign-in of whom an identity is about, which has its `claims`; no row gets them."""
        login = super().sociallogin_from_response(request, response)
        login.claims, login.account.extra_data = response["id_token"], {}
        return login


def check_nonce(login: SocialLogin) -> None:
    """Raises OAuth2Error for an identity that was made for another question than ours."""
    asked, answered = login.state.get("nonce"), login.claims.get("nonce")
    if not asked or not constant_time_compare(str(answered), asked):
        raise OAuth2Error("Another nonce")
