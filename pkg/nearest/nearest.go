// Package nearest finds the word that somebody probably meant.
package nearest

// Word returns the candidate with the smallest edit distance to word, or ""
// where none is near: more than two edits, or more than half of the word.
func Word(word string, candidates []string) string {
	near, best := "", min(2, len(word)/2)+1
	for _, candidate := range candidates {
		if d := distance(word, candidate); d < best {
			near, best = candidate, d
		}
	}
	return near
}

// distance is the Levenshtein distance of the bytes of a and b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j]+1, row[j+1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
