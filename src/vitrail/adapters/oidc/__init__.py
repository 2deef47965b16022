"""OpenID Connect, through Authlib: authorization code with PKCE (RFC 7636), state, nonce and a verified id token."""

__all__ = ["OidcDirectory"]

from vitrail.adapters.oidc.directory import OidcDirectory
