"""Reads IdP metadata files with python3-saml, the library Sentry uses.

For each file named on the command line one JSON object is printed, on its own
line: what Sentry would keep ("stored", null when parsing fails), whether the
file follows the SAML metadata schema ("schema"), and what the library says of
the settings that come out ("problems").
"""

import json
import sys

from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

SCHEMA = "saml-schema-metadata-2.0.xsd"


def certificate(idp):
    """A single certificate, or else the first of those that sign."""
    if "x509cert" in idp:
        return idp["x509cert"]
    signing = idp.get("x509certMulti", {}).get("signing", [])
    return signing[0] if signing else None


def stored(xml):
    idp = OneLogin_Saml2_IdPMetadataParser.parse(xml).get("idp", {})
    return {
        "entity_id": idp.get("entityId") or "",
        "sso_url": idp.get("singleSignOnService", {}).get("url") or "",
        "slo_url": idp.get("singleLogoutService", {}).get("url") or "",
        "x509cert": certificate(idp) or "",
    }


def problems(kept):
    settings = OneLogin_Saml2_Settings.__new__(OneLogin_Saml2_Settings)
    idp = {"entityId": kept["entity_id"], "singleSignOnService": {"url": kept["sso_url"]}, "x509cert": kept["x509cert"]}
    if kept["slo_url"]:
        idp["singleLogoutService"] = {"url": kept["slo_url"]}
    return settings.check_idp_settings({"idp": idp})


def read(path):
    with open(path, "rb") as file:
        xml = file.read()
    try:
        kept = stored(xml)
    except Exception:  # Sentry catches everything here, too
        return {"stored": None, "schema": False, "problems": []}
    schema = not isinstance(OneLogin_Saml2_XML.validate_xml(xml, SCHEMA), str)
    return {"stored": kept, "schema": schema, "problems": problems(kept)}


for name in sys.argv[1:]:
    print(json.dumps(read(name)))
