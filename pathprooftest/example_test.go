package pathprooftest_test

import (
	"fmt"
	"testing"

	"github.com/pathproof/pathproof/pathprooftest"
)

// printer stands in for the t of a test, and prints what the test would say.
type printer struct{ testing.TB }

func (printer) Helper()                           {}
func (printer) Errorf(format string, args ...any) { fmt.Printf("FAIL: "+format+"\n", args...) }
func (printer) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// The reference network's path to the data centre goes through the transit gateway and the site's VPN, and Oregon's island
// has no way in.
func ExampleLoad() {
	t := printer{} // in a test: its own t
	n := pathprooftest.Load(t, "../pathproof.yaml")
	n.Reachable("idc")
	n.Unreachable("isolated")
	n.Follows("idc", "transitGateway/seoul", "site/idc")
	n.Follows("idc", "peering/seoul-tokyo")
	// Output:
	// FAIL: ../pathproof.yaml: path idc does not cross peering/seoul-tokyo in this order; it goes seoul/app > transitGateway/seoul > site/idc
}
