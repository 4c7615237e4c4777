package metadata

import "encoding/xml"

// element is an XML element with what Sentry's parser looks at.
type element struct {
	name     xml.Name
	attrs    []xml.Attr
	text     []byte // up to the first child, as lxml's node.text
	children []*element
	line     int // where it begins, from 1
}

// find returns the first element of that name in document order, el included.
func (el *element) find(space, local string) *element {
	if el.is(space, local) {
		return el
	}
	for _, child := range el.children {
		if found := child.find(space, local); found != nil {
			return found
		}
	}
	return nil
}

// all returns the children of that name.
func (el *element) all(space, local string) []*element {
	var found []*element
	for _, child := range el.children {
		if child.is(space, local) {
			found = append(found, child)
		}
	}
	return found
}

func (el *element) is(space, local string) bool {
	return el.name.Space == space && el.name.Local == local
}

// attr returns the value of an attribute without namespace.
func (el *element) attr(local string) string {
	for _, attr := range el.attrs {
		if attr.Name.Space == "" && attr.Name.Local == local {
			return attr.Value
		}
	}
	return ""
}

// walk visits el and all below it in document order.
func (el *element) walk(visit func(*element)) {
	visit(el)
	for _, child := range el.children {
		child.walk(visit)
	}
}

// outermost returns the elements of that name that are in no other such.
func (el *element) outermost(space, local string) []*element {
	if el.is(space, local) {
		return []*element{el}
	}
	var found []*element
	for _, child := range el.children {
		found = append(found, child.outermost(space, local)...)
	}
	return found
}
