package paths

import (
	"testing"

	"github.com/pathproof/pathproof/pathprooftest"
)

func TestPaths(t *testing.T) {
	n := pathprooftest.Load(t, "../pathproof.yaml")
	n.Reachable("idc")
	n.Follows("idc", "transitGateway/seoul", "site/idc")
	n.Unreachable("isolated")
}
