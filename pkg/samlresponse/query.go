package samlresponse

import (
	"errors"
	"unicode/utf8"
)

// errNotSubscriptable is what Python says of a reference without URI.
var errNotSubscriptable = errors.New("'NoneType' object is not subscriptable")

// response returns the root if it is a Response, as /samlp:Response does.
func (r *Response) response() []*node {
	if r.root.is(nsProtocol, "Response") {
		return []*node{r.root}
	}
	return nil
}

// assertion returns the assertions that python3-saml reads from: the one that
// the first reference of the signature names, of the assertion's signature if
// it has one and else of the response's (response.py, __query_assertion). It
// fails, with Python's words, where that has no URI.
func (r *Response) assertion() ([]*node, error) {
	response := r.response()
	assertions := path(response, "saml:Assertion")
	if refs := path(assertions, "ds:Signature", "ds:SignedInfo", "ds:Reference"); len(refs) > 0 {
		return withID(assertions, refs[0])
	}
	refs := path(response, "ds:Signature", "ds:SignedInfo", "ds:Reference")
	if len(refs) == 0 {
		return assertions, nil
	}
	signed, err := withID(response, refs[0])
	return path(signed, "saml:Assertion"), err
}

func withID(nodes []*node, reference *node) ([]*node, error) {
	uri, ok := reference.lookup("URI")
	if !ok {
		return nil, errNotSubscriptable
	}
	_, size := utf8.DecodeRuneInString(uri)
	id := uri[size:]
	var found []*node
	for _, n := range nodes {
		if value, has := n.lookup("ID"); has && value == id {
			found = append(found, n)
		}
	}
	return found, nil
}

// in follows child names from the assertion that counts. Where there is none,
// it finds nothing.
func (r *Response) in(names ...string) []*node {
	assertions, err := r.assertion()
	if err != nil {
		return nil
	}
	return path(assertions, names...)
}

// first returns the first node, or nil.
func first(nodes []*node) *node {
	if len(nodes) == 0 {
		return nil
	}
	return nodes[0]
}

// texts returns the texts of nodes, without those that have none, which lxml
// calls None.
func texts(nodes []*node) []string {
	found := []string{}
	for _, n := range nodes {
		if text := n.text(); text != "" {
			found = append(found, text)
		}
	}
	return found
}

// IsMessage reports that the outermost element is a response (SAML core, 3.2.2), and
// else which one was found.
func (r *Response) IsMessage() (found string, ok bool) {
	return r.root.name.Local, len(r.response()) > 0
}
