package integration

// NormalForm and Accepted are for the tests of this package.
var (
	NormalForm = normalForm
	Accepted   = accepted
)
