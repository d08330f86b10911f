package discover_test

import (
	"testing"

	"github.com/pathproof/pathproof/affinity/discover"
)

// BenchmarkCache_Discover is what a call pays for discovery.
func BenchmarkCache_Discover(b *testing.B) {
	c, err := discover.NewCache(discover.CacheConfig{Source: &scripted{answer: answerOf("10.0.0.1:80")}})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := c.Discover(b.Context()); err != nil {
				b.Error(err)
			}
		}
	})
}
