package integration

// NormalForm and Accepted are for the tests of this package.
var (
	NormalForm = normalForm //nolint:gochecknoglobals // a function under another name
	Accepted   = accepted   //nolint:gochecknoglobals // as above
)
