// Package nearest finds the word that somebody probably meant.
package nearest

// Word returns the candidate with the smallest edit distance to word, or ""
// where none is near: more than two edits, or more than half of the word. Two
// neighbours that changed places are one edit.
func Word(word string, candidates []string) string {
	near, best := "", min(2, len(word)/2)+1
	for _, candidate := range candidates {
		if d := distance(word, candidate); d < best {
			near, best = candidate, d
		}
	}
	return near
}

// distance is the optimal string alignment distance of the bytes of a and b: that
// of Damerau and Levenshtein, with no byte edited twice.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(row[j]+1, last[j+1]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
