"""Judge responses as Sentry does: python3-saml with Sentry's settings.

Reads one JSON object: sentry, org, metadata (the identity provider's, as text)
and responses (base64 by name). Writes one JSON object: by name, the reason that
python3-saml gives, "" where it takes the response, or the text of the exception
that makes Sentry answer HTTP 500, after "raised: ".
"""
import json
import sys
from urllib.parse import urlsplit

from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser

given = json.load(sys.stdin)
base, org = given["sentry"], given["org"]
acs = f"/saml/acs/{org}/"
settings = {
    "strict": True,
    "idp": OneLogin_Saml2_IdPMetadataParser.parse(given["metadata"])["idp"],
    "sp": {
        "entityId": f"{base}/saml/metadata/{org}/",
        "assertionConsumerService": {"url": base + acs, "binding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"},
        "singleLogoutService": {"url": f"{base}/saml/sls/{org}/", "binding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"},
    },
    "security": {"wantNameId": False, "wantAttributeStatement": True},
}
prefix = urlsplit(base)


def judge(response):
    request = {"https": "off", "http_host": prefix.netloc, "server_port": prefix.port, "script_name": acs, "get_data": {}, "post_data": {"SAMLResponse": response}}
    auth = OneLogin_Saml2_Auth(request, settings)
    try:
        auth.process_response()
    except Exception as err:
        return f"raised: {err}"
    return auth.get_last_error_reason() or ""


json.dump({name: judge(response) for name, response in given["responses"].items()}, sys.stdout)
