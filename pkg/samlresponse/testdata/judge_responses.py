"""Judges SAML responses with python3-saml, configured as Sentry configures it.

Each line of standard input is a JSON object: "response" (base64, as a browser
posts it), "at" (seconds since 1970), "idp" (entity_id, sso_url, slo_url,
x509cert) and "sp" (audience, acs_url, sls_url). For each, one line of JSON is
printed: what the library says of it.
"""

import json
import sys
from urllib.parse import urlsplit

from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.utils import OneLogin_Saml2_Utils


def settings(case):
    """auth/providers/saml2/provider.py, build_saml_config"""
    idp, sp = case["idp"], case["sp"]
    return {
        "strict": True,
        "idp": {
            "entityId": idp["entity_id"],
            "x509cert": idp["x509cert"],
            "singleSignOnService": {"url": idp["sso_url"]},
            "singleLogoutService": {"url": idp["slo_url"]},
        },
        "sp": {
            "entityId": sp["audience"],
            "assertionConsumerService": {"url": sp["acs_url"], "binding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"},
            "singleLogoutService": {"url": sp["sls_url"], "binding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"},
        },
        "security": {
            "authnRequestsSigned": False,
            "logoutRequestSigned": False,
            "logoutResponseSigned": False,
            "signMetadata": False,
            "wantMessagesSigned": False,
            "wantAssertionsSigned": False,
            "wantAssertionsEncrypted": False,
            "wantNameId": False,
            "requestedAuthnContext": False,
        },
    }


def request(case):
    """auth/providers/saml2/provider.py, build_auth"""
    url = urlsplit(case["sp"]["acs_url"])
    return {
        "https": "on" if url.scheme == "https" else "off",
        "http_host": url.netloc,
        "script_name": url.path,
        "get_data": {},
        "post_data": {"SAMLResponse": case["response"]},
    }


def texts(attributes):
    """Values that hold a NameID element come as objects."""
    return {
        name: [(value["NameID"]["value"] or "") if isinstance(value, dict) else value for value in values]
        for name, values in attributes.items()
    }


def judge(case):
    OneLogin_Saml2_Utils.now = staticmethod(lambda: case["at"])
    try:
        auth = OneLogin_Saml2_Auth(request(case), settings(case))
        auth.process_response()
    except Exception as error:  # of these Sentry catches none
        return {"accepted": False, "reason": str(error), "server_error": True}
    if auth.get_errors() or not auth.is_authenticated():
        return {"accepted": False, "reason": auth.get_last_error_reason(), "server_error": False}
    return {
        "accepted": True,
        "reason": "",
        "server_error": False,
        "attributes": texts(auth.get_attributes()),
        "name_id": auth.get_nameid() or "",
    }


for line in sys.stdin:
    print(json.dumps(judge(json.loads(line))), flush=True)
