package test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/topology"
)

// gateDocument reads the gate's document out of a cloud assembly.
func gateDocument(t *testing.T, dir string) ([]byte, *gate.Config) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "asset.*", gate.ConfigFile))
	if len(files) != 1 {
		t.Fatalf("got the documents %v, want one", files)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	c, err := gate.Load(text, "")
	if err != nil {
		t.Fatal(err)
	}
	return text, c
}

// TestMeasurement_GateKnowsWhatIsDeployed asserts that the gate's document, the functions it names and the plan say the same: a
// function of another name is never found, and one with another list of targets refuses.
func TestMeasurement_GateKnowsWhatIsDeployed(t *testing.T) {
	for _, file := range []string{"../pathproof.yaml", "../internal/check/testdata/good/clients.yaml"} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			s := synthesize(t, file, nil)
			text, c := gateDocument(t, s.dir)
			var planned []string
			for _, p := range s.plan.Paths {
				planned = append(planned, p.Name)
				got := c.Path(p.Name)
				if got == nil || string(got.Measured) != string(p.Vantage) || got.Vantage != p.At || got.SLO != p.SLO {
					t.Errorf("path %s: the gate has %+v, the plan says %s at %q with %q", p.Name, got, p.Vantage, p.At, p.SLO)
				}
			}
			if got := c.PathNames(); !slices.Equal(got, planned) {
				t.Errorf("the gate knows the paths %v, the plan %v", got, planned)
			}
			for _, v := range c.Vantages {
				tpl := s.templates[s.plan.StackName(topology.LayerOps, topology.Place{Region: v.Region})]
				tpl.Has(t, "AWS::Lambda::Function", m{"FunctionName": v.Function, "Environment": m{"Variables": m{
					gate.EnvVantage: v.Key, gate.EnvAZID: v.AZID, gate.EnvAllow: c.AllowFor(v.Key)}}})
			}
			home := s.templates[s.plan.StackName(topology.LayerOps, s.plan.Measurement.Home)]
			home.Has(t, gate.ResourceType, m{gate.RunKeyProperty: gate.RunKey(text)})
			home.Has(t, "AWS::Lambda::Function", m{"FunctionName": s.plan.Measurement.Function, "Handler": gate.HandlerGate})
		})
	}
}

// TestMeasurement_RefusalIsNoIsolation asserts that a path which has to be unreachable fails when a reset comes back from there.
func TestMeasurement_RefusalIsNoIsolation(t *testing.T) {
	s := synthesize(t, configurations["reference"], nil)
	_, c := gateDocument(t, s.dir)
	const unreachable = "unreachable"
	checked := 0
	for _, p := range s.plan.Paths {
		if p.Expect != unreachable || p.At == "" {
			continue
		}
		checked++
		if got := c.Path(p.Name).Expect; got != probe.ExpectUnreachable {
			t.Errorf("path %s: the gate expects %q, want %q", p.Name, got, probe.ExpectUnreachable)
		}
	}
	if checked == 0 {
		t.Fatal("the network has no path that has to be unreachable")
	}
}

// TestMeasurement_NetworkChangeIsMeasured asserts that a route that changes makes the gate measure again.
func TestMeasurement_NetworkChangeIsMeasured(t *testing.T) {
	_, before := gateDocument(t, synthesize(t, configurations["reference"], nil).dir)
	_, after := gateDocument(t, synthesize(t, configurations["reference"], func(p *topology.Plan) {
		p.Network("seoul/vpn").SecurityGroups[0].Egress[0].To++
	}).dir)
	if before.Watched == after.Watched {
		t.Error("a changed rule of a security group would not be measured")
	}
}
