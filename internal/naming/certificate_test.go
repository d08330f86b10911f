package naming

import (
	"strings"
	"testing"
)

// A profile for several servers asks for how their names begin, also where a long name is cut.
func TestOpenVPNCertificates_BeginsEveryName(t *testing.T) {
	for n := 1; n <= 63; n++ {
		network := strings.Repeat("n", n)
		for _, server := range []string{"a", strings.Repeat("s", 63)} {
			if name := OpenVPNCertificate(network, server); !strings.HasPrefix(name, OpenVPNCertificates(network)) || len(name) > 64 {
				t.Errorf("%q of %d letters does not begin with %q", name, len(name), OpenVPNCertificates(network))
			}
		}
	}
}
