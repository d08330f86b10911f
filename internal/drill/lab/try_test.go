//go:build linux

package lab

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/drill"
	"github.com/pathproof/pathproof/internal/gateway"
)

func TestTry(t *testing.T) {
	spec := os.Getenv("TRY") // scenario,tier,device,failover;...
	if spec == "" {
		t.Skip()
	}
	var cells []Cell
	for _, s := range strings.Split(spec, ";") {
		f := strings.Split(s, ",")
		d, _ := time.ParseDuration(f[3])
		cells = append(cells, Cell{f[0], Tier(f[1]), gateway.Device(f[2]), d})
	}
	begin := time.Now()
	r, err := Run(t.Context(), Options{Cells: cells, Self: self(t), Keep: os.Getenv("KEEP")})
	if err != nil {
		t.Fatal(err)
	}
	drill.WriteText(os.Stdout, r)
	t.Log(time.Since(begin))
}
