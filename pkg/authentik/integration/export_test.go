package integration

// NormalForm is for the tests of this package.
var NormalForm = normalForm
