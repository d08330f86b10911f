package discover

import (
	"context"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// fixed is a resolver that answers every name with the same addresses.
type fixed struct{ addrs []netip.Addr }

func (f *fixed) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return f.addrs, nil
}

// Servers of a zone are replaced: one of the names shows the new address first, and the zone is there all the time. A zone that the Regional
// name leaves out afterwards is gone, at once.
func TestWatch_ServersAreReplaced(t *testing.T) {
	const before, after = "10.0.1.9", "10.0.1.10"
	endpoints := func(first string) []Endpoint {
		return append([]Endpoint{{Addr: first + ":80", Zone: "apne2-az1"}}, three[1:]...)
	}
	for _, tt := range []struct{ name, zonal, regional string }{
		{"the zone's name is first", after, before},
		{"the Regional name is first", before, after},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &fixed{}
				w := newWatch("foo.internal", "", r, RegionalAuto)
				look := func(zonal string, regional ...string) []string {
					r.addrs = addrs(regional...)
					zones, _ := w.evacuated(t.Context(), endpoints(zonal), w.look(t.Context()))
					time.Sleep(5 * time.Second)
					return zones
				}
				look(before, before, "10.0.2.9", "10.0.3.9")
				for range 3 {
					if got := look(tt.zonal, tt.regional, "10.0.2.9", "10.0.3.9"); len(got) > 0 {
						t.Errorf("while the names disagree: %v evacuated", got)
					}
				}
				if got := look(after, after, "10.0.2.9", "10.0.3.9"); len(got) > 0 {
					t.Errorf("when they agree again: %v evacuated", got)
				}
				if got := look(after, "10.0.2.9", "10.0.3.9"); !slices.Equal(got, []string{"apne2-az1"}) {
					t.Errorf("a zone that is left out: %v evacuated", got)
				}
			})
		})
	}
}

// A Regional name with an address that no zone ever has does not hide a shift for ever, and one shift does not hide behind another zone's
// new servers once those are known.
func TestWatch_UnknownAddressesSettle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &fixed{}
		w := newWatch("foo.internal", "", r, RegionalAuto)
		look := func(regional ...string) []string {
			r.addrs = addrs(regional...)
			zones, _ := w.evacuated(t.Context(), three, w.look(t.Context()))
			return zones
		}
		look("10.0.1.9", "10.0.2.9", "10.0.3.9", "10.0.9.9")
		if got := look("10.0.2.9", "10.0.3.9", "10.0.9.9"); len(got) > 0 {
			t.Errorf("with an address that is new to all: %v evacuated", got)
		}
		time.Sleep(settle + time.Second)
		if got := look("10.0.2.9", "10.0.3.9", "10.0.9.9"); !slices.Equal(got, []string{"apne2-az1"}) {
			t.Errorf("after %v: %v evacuated", settle, got)
		}
		// What is evacuated stays so while something new appears.
		if got := look("10.0.3.9", "10.0.9.9", "10.0.9.10"); !slices.Equal(got, []string{"apne2-az1"}) {
			t.Errorf("with another new address: %v evacuated", got)
		}
		time.Sleep(settle + time.Second)
		if n := len(w.moves.zones) + len(w.moves.shown); n > 6 {
			t.Errorf("%d addresses are remembered", n)
		}
	})
}
