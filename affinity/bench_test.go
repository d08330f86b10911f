package affinity

import (
	"context"
	"testing"

	"github.com/pathproof/pathproof/affinity/discover"
)

// three are three zones with two endpoints each.
func three() discover.Source {
	var es []discover.Endpoint
	for _, z := range []string{"apne2-az1", "apne2-az2", "apne2-az3"} {
		es = append(es, discover.Endpoint{Addr: "10.0." + z[8:] + ".1:80", Zone: z}, discover.Endpoint{Addr: "10.0." + z[8:] + ".2:80", Zone: z})
	}
	s, err := discover.Static(es...)
	if err != nil {
		panic(err)
	}
	return s
}

func BenchmarkPickDone(b *testing.B) {
	s, err := New(Config{Name: "foo.internal", Zone: "apne2-az1", Source: three()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		p, err := s.Pick(ctx, PickOptions{Replayable: true})
		if err != nil {
			b.Fatal(err)
		}
		p.Done(Success)
	}
}
