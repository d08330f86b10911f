package planview_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/golden"
	"github.com/pathproof/pathproof/internal/planview"
	"github.com/pathproof/pathproof/internal/topology"
)

// Each of these shows something that the others do not: the reference network BGP, ECMP and VPC peerings, adopted static
// routing and everything adopted, mesh a transit gateway peering, accounts places with accounts, zonal services of every mode.
var networks = []string{
	"../../pathproof.yaml",
	"../check/testdata/good/adopted.yaml",
	"../check/testdata/good/mesh.yaml",
	"../check/testdata/good/accounts.yaml",
	"../check/testdata/good/zonal.yaml",
}

func TestWrite(t *testing.T) {
	for _, file := range networks {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			golden.Compare(t, filepath.Join("testdata", name+".txt"), write(t, plan(t, file)))
		})
	}
}

// The text is made for a terminal and for diffs.
func TestWrite_Lines(t *testing.T) {
	const widest = 200
	for _, file := range networks {
		text := write(t, plan(t, file))
		if !strings.HasSuffix(text, "\n") || strings.HasSuffix(text, "\n\n") || strings.HasPrefix(text, "\n") {
			t.Errorf("%s: want one newline at the end and none at the start", file)
		}
		for i, line := range strings.Split(text, "\n") {
			if strings.TrimRight(line, " \t") != line {
				t.Errorf("%s: line %d ends in a space: %q", file, i+1, line)
			}
			if strings.Contains(line, "\t") {
				t.Errorf("%s: line %d has a tab: %q", file, i+1, line)
			}
			if n := utf8.RuneCountInString(line); n > widest {
				t.Errorf("%s: line %d has %d characters, want at most %d: %s", file, i+1, n, widest, line)
			}
			if strings.Contains(line, "%!") || strings.Contains(line, "<nil>") || strings.Contains(line, "invalid ") {
				t.Errorf("%s: line %d is not meant for a person: %s", file, i+1, line)
			}
		}
	}
}

// Whoever looks something up in the plan finds it: every name of the file is in the text.
func TestWrite_LeavesNothingOut(t *testing.T) {
	for _, file := range networks {
		p := plan(t, file)
		text := write(t, p)
		var want []string
		for _, n := range p.Networks {
			want = append(want, "network "+n.Key+" ")
			for _, s := range n.Subnets {
				want = append(want, s.CIDR.String())
			}
			for _, r := range n.RouteTables {
				want = append(want, r.Key)
			}
		}
		for _, g := range p.TransitGateways {
			want = append(want, "transit gateway "+g.Name+" ")
			for _, s := range g.Segments {
				want = append(want, "segment "+s.Name)
			}
		}
		for _, s := range p.Sites {
			want = append(want, "Site "+s.Name+" ")
			for _, c := range s.Connections {
				want = append(want, "connection "+c.Name+" tunnel 1", "connection "+c.Name+" tunnel 2")
			}
		}
		for _, x := range p.Peerings {
			want = append(want, "  "+x.Name+" ")
		}
		for _, z := range p.HostedZones {
			if z.Service == "" {
				want = append(want, "Hosted zone "+z.Name+" ")
			}
			for _, r := range z.Records {
				want = append(want, r.Name)
			}
		}
		for _, z := range p.ZonalServices {
			want = append(want, "Zonal service "+z.Name+" ")
			if z.DNS {
				want = append(want, "Hosted zone of zonal service "+z.Name+" ")
			}
			for _, x := range z.Zones {
				want = append(want, x.ZoneID, x.Name)
				if x.Address.IsValid() {
					want = append(want, x.Address.String())
				}
			}
		}
		for _, x := range p.Paths {
			want = append(want, "  "+x.Name+": "+x.From.String()+" -> "+x.To.String())
		}
		for _, s := range p.Stacks {
			want = append(want, s.Name)
		}
		for _, b := range p.Billed {
			want = append(want, b.Item)
		}
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: the text does not have %q", file, w)
			}
		}
	}
}

func TestWrite_ReturnsTheWritersError(t *testing.T) {
	if err := planview.Write(full{}, plan(t, networks[0])); !errors.Is(err, errFull) {
		t.Errorf("got %v, want %v", err, errFull)
	}
}

var errFull = errors.New("no space left")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// plan resolves a file under its base name.
func plan(t *testing.T, file string) *topology.Plan {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := check.Data(filepath.Base(file), data)
	if !r.OK() {
		var b strings.Builder
		_ = r.Print(&b)
		t.Fatalf("%s has errors:\n%s", file, b.String())
	}
	return r.Plan
}

func write(t *testing.T, p *topology.Plan) string {
	t.Helper()
	var b strings.Builder
	if err := planview.Write(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
