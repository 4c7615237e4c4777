package sentry

// PythonSAML is the release of python3-saml in Sentry's lock file (uv.lock of the
// second half of 2025, with lxml 5.3.0 and xmlsec 1.3.14). Verdicts follow it.
const PythonSAML = "1.15.0"
