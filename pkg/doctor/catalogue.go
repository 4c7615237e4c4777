package doctor

// catalogue lists the checks, causes before their consequences: the first fault
// that is found is the likeliest root of the others.
func catalogue() []check {
	var list []check
	for _, part := range [][]check{localChecks(), sentryChecks(), idpChecks(), authentikChecks(), metadataChecks(), certificateChecks(), tokenChecks(), lastChecks()} {
		list = append(list, part...)
	}
	return list
}
