"""Signs documents with libxmlsec, as their signatures say.

Each line of standard input is a JSON object: "xml", in which signatures have no
values yet, and "key" (PEM). For each, one line of JSON is printed: the signed
document as a text, or null where libxmlsec will not sign it so.
"""

import json
import sys

import xmlsec
from lxml import etree

DS = "{http://www.w3.org/2000/09/xmldsig#}"


def sign(case):
    root = etree.fromstring(case["xml"].encode())
    xmlsec.tree.add_ids(root, ["ID"])
    for signature in reversed([s for s in root.iter(DS + "Signature") if not s.findtext(DS + "SignatureValue")]):
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(case["key"], xmlsec.KeyFormat.PEM)
        context.sign(signature)
    return etree.tostring(root, encoding="unicode")


def attempt(case):
    try:
        return sign(case)
    except (xmlsec.Error, etree.XMLSyntaxError):
        return None


for line in sys.stdin:
    print(json.dumps(attempt(json.loads(line))), flush=True)
