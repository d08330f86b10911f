package diagram

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/golden"
	"github.com/pathproof/pathproof/internal/topology"
)

func TestMermaid_Reference(t *testing.T) {
	p := planOf(t, reference)
	o, _ := Choose(p, "")
	golden.Compare(t, "testdata/reference.mmd", Mermaid(p, o))
}

// What may stand in a line. Mermaid's own parser has read all of these forms, with every name that the tests use.
var (
	quoted    = `"[^"` + "`" + `<>&]*(?:<br>[^"` + "`" + `<>&]*)*"`
	nodeLine  = regexp.MustCompile(`^ *([a-z]+__\w+)\[` + quoted + `\]$`)
	groupLine = regexp.MustCompile(`^ *subgraph ([a-z]+__\w+)\[` + quoted + `\]$`)
	linkLine  = regexp.MustCompile(`^(\w+) (?:---|===)(?:\|` + quoted + `\|)? (\w+)$`)
	styleLine = regexp.MustCompile(`^linkStyle [0-9]+(,[0-9]+)* stroke-width:4px$`)
)

func TestMermaid_IsAFlowchart(t *testing.T) {
	all := plans(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, paths := range choices {
			o, err := Choose(all[name], paths)
			if err != nil {
				t.Fatal(err)
			}
			flowchartOf(t, name+" "+paths, Mermaid(all[name], o))
		}
	}
}

// flowchartOf checks every line: nodes come once and before their links, groups are closed.
func flowchartOf(t *testing.T, name, text string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < 2 || lines[1] != "flowchart LR" {
		t.Fatalf("%s: not a flowchart:\n%.200s", name, text)
	}
	seen, depth := map[string]bool{}, 0
	for _, line := range lines[2:] {
		switch {
		case nodeLine.MatchString(line), groupLine.MatchString(line):
			id := slices.Concat(nodeLine.FindStringSubmatch(line), groupLine.FindStringSubmatch(line))[1]
			if seen[id] {
				t.Errorf("%s: %s comes twice", name, id)
			}
			seen[id] = true
			if groupLine.MatchString(line) {
				depth++
			}
		case strings.TrimSpace(line) == "end":
			depth--
		case linkLine.MatchString(line):
			for _, id := range linkLine.FindStringSubmatch(line)[1:] {
				if !seen[id] {
					t.Errorf("%s: no node %s before %s", name, id, line)
				}
			}
		case !styleLine.MatchString(line):
			t.Errorf("%s: not Mermaid: %s", name, line)
		}
	}
	if depth != 0 {
		t.Errorf("%s: %d groups are not closed", name, depth)
	}
}

// Viewers refuse longer texts (maxTextSize) and more links (maxEdges) by default.
func TestMermaid_FitsViewers(t *testing.T) {
	p := scalePlan(t, 5, 20, 200)
	text := Mermaid(p, Options{p.Paths, true})
	if len(text) > 50_000 {
		t.Errorf("got %d characters", len(text))
	}
	if links := strings.Count(text, " ---") + strings.Count(text, " ==="); links > 500 {
		t.Errorf("got %d links", links)
	}
}

func TestMermaid_GroupsManyNetworks(t *testing.T) {
	for _, tt := range []struct {
		vpcs int
		want string
	}{
		{30, `network__apne2__vpc_01["apne2/vpc-01<br>10.0.0.0/20<br>apne2-az1, az2, az3<br>host apne2-vpc-01:443"]`},
		{31, `networks__apne2__apne2__cloud["31 networks<br>apne2/vpc-01 10.0.0.0/20<br>apne2/vpc-02 10.0.16.0/20<br>`},
	} {
		if text := Mermaid(scalePlan(t, 1, tt.vpcs, 0), Options{}); !strings.Contains(text, tt.want) {
			t.Errorf("%d networks: no %q in\n%s", tt.vpcs, tt.want, text)
		}
	}
}

// The numbers of the paths stand on every link that they go along.
func TestMermaid_DrawsPaths(t *testing.T) {
	p := planOf(t, "testdata/hub.yaml")
	for _, tt := range []struct {
		path string
		want []string
	}{
		{"a-s1", []string{
			`segment__east__prod ---|"path 1"| network__seoul__a`,
			`segment__west__far ---|"transit gateway peering<br>east-west<br>path 1"| segment__east__far`,
			`segment__west__prod ---|"path 1"| network__tokyo__s1`,
		}},
		{"a-dc", []string{`segment__east__prod ---|"path 1"| network__seoul__a`, `site__dc ===|"3 VPN connections<br>6 tunnels<br>path 1"| segment__east__onprem`}},
		{"m", []string{`peering__m12 ---|"path 1"| network__oregon__m1`, `peering__m12 ---|"path 1"| network__oregon__m4`}},
		{"no", nil},
	} {
		o, err := Choose(p, tt.path)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for line := range strings.Lines(Mermaid(p, o)) {
			if line = strings.TrimSuffix(line, "\n"); linkLine.MatchString(line) && strings.Contains(line, `path 1"`) {
				got = append(got, line)
			}
		}
		slices.Sort(got)
		slices.Sort(tt.want)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.path, got, tt.want)
		}
	}
}

func TestMermaid_EscapesNames(t *testing.T) {
	p := &topology.Plan{Name: "x", Regions: []topology.Region{{Alias: `a"]<b>&#` + "`\n", Place: topology.Place{Region: "us-west-2"}}}}
	if text, want := Mermaid(p, Options{}), `subgraph region__a_22__5d__3c_b_3e__26__23__60__a_["a#quot;]#lt;b#gt;#amp;#35;#96;  us-west-2 US West (Oregon)"]`; !strings.Contains(text, want) {
		t.Errorf("no %q in\n%s", want, text)
	}
}
