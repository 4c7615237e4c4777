package transport

// TrustAdvice is what helps on an operating system where an authority is unknown.
func TrustAdvice(goos string) string { return trustAdvice(goos) }
