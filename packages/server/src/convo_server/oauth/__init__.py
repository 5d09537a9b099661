"""Log-in at somebody else's: OAuth 2 and OpenID Connect. authlib is loaded by `client` alone, where it is needed."""
