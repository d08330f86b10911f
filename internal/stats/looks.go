package stats

// Look is one reading of a growing sample.
type Look struct {
	N          int     // probes of each path so far
	Confidence float64 // that each interval has to have at this look
}

// Looks plans a run that doubles its sample while the verdict is inconclusive: n, 2n, 4n ... up to most. Every look is a
// chance to be wrong, so the looks share the error (Bonferroni): over all of them together it stays below 1-confidence.
// The number of looks has to be fixed before the first; a run that stops early has only been more careful.
func Looks(n, most int, confidence float64) []Look {
	var looks []Look
	for n = max(n, 1); n <= most || len(looks) == 0; n *= 2 {
		looks = append(looks, Look{N: n})
	}
	for i := range looks {
		looks[i].Confidence = 1 - (1-confidence)/float64(len(looks))
	}
	return looks
}
