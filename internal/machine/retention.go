package machine

import (
	"slices"

	"github.com/pathproof/pathproof/internal/cdkx"
)

// retentions are those that CloudWatch Logs offers, in days (PutRetentionPolicy).
var retentions = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// CheckRetention wants a number of days that CloudWatch Logs offers; 0 is the caller's default.
func CheckRetention(f *cdkx.Fields, days int) {
	if days != 0 && !slices.Contains(retentions, days) {
		f.Addf("logDays", "not a retention that CloudWatch Logs offers, got %d; use one of %v", days, retentions)
	}
}
