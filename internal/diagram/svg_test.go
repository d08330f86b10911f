package diagram

import (
	"encoding/xml"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/golden"
	"github.com/pathproof/pathproof/internal/topology"
)

// choices are the values of --paths that change a picture most.
var choices = []string{"", "all", "none"}

func TestSVG_IsReadable(t *testing.T) {
	all := plans(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, paths := range choices {
			t.Run(name+" "+paths, func(t *testing.T) {
				o, err := Choose(all[name], paths)
				if err != nil {
					t.Fatal(err)
				}
				look(t, SVG(all[name], o)).judge(t)
			})
		}
	}
}

// A page shows a picture of its own width; a wider one is made smaller, and its text with it.
func TestSVG_Size(t *testing.T) {
	for _, tt := range []struct {
		name                string
		plan                *topology.Plan
		maxWidth, maxHeight int
	}{
		{"one network", scalePlan(t, 1, 1, 0), minWidth, 600},
		{"reference", planOf(t, reference), 1100, 1450},
		{"30 networks", scalePlan(t, 3, 10, 60), 1300, 2400},
		{"100 networks", scalePlan(t, 5, 20, 200), maxWidth, 5000},
		{"100 networks of one Region", scalePlan(t, 1, 100, 0), maxWidth, 2500},
	} {
		p := look(t, SVG(tt.plan, Options{Paths: tt.plan.Paths})).page
		if p.x1 < 10*minWidth || p.x1 > 10*tt.maxWidth || p.y1 > 10*tt.maxHeight {
			t.Errorf("%s: got %d x %d, want %d to %d x at most %d", tt.name, p.x1/10, p.y1/10, minWidth, tt.maxWidth, tt.maxHeight)
		}
	}
}

// A path runs along every edge of its way, and its number stands at everything it passes.
func TestSVG_DrawsPaths(t *testing.T) {
	p := planOf(t, "testdata/hub.yaml")
	for _, tt := range []struct {
		path         string
		edges, boxes []string
	}{
		{"a-s1", []string{"peering/east-west segment/east/far", "peering/east-west segment/west/far", "segment/east/prod network/seoul/a", "segment/west/prod network/tokyo/s1"},
			[]string{"network/seoul/a", "network/tokyo/s1", "peering/east-west", "segment/east/far", "segment/east/prod", "segment/west/far", "segment/west/prod"}},
		{"a-dc", []string{"segment/east/prod network/seoul/a", "site/dc segment/east/onprem", "site/dc segment/east/onprem", "site/dc segment/east/onprem"},
			[]string{"network/seoul/a", "segment/east/onprem", "segment/east/prod", "site/dc"}},
		{"m", []string{"network/oregon/m1 peering/m12", "network/oregon/m4 peering/m12"}, []string{"network/oregon/m1", "network/oregon/m4", "peering/m12"}},
		{"no", nil, []string{"network/seoul/b", "network/seoul/shared"}},
	} {
		o, err := Choose(p, tt.path)
		if err != nil {
			t.Fatal(err)
		}
		seen := look(t, SVG(p, o))
		var edges, boxes []string
		for _, l := range seen.lines {
			if l.class == "strand path1" {
				edges = append(edges, strings.Join(l.ends, " "))
			}
		}
		for _, x := range seen.texts {
			if x.text == "1" && x.box >= 0 {
				boxes = append(boxes, seen.boxes[x.box].node)
			}
		}
		slices.Sort(edges)
		slices.Sort(boxes)
		if !slices.Equal(edges, tt.edges) || !slices.Equal(boxes, tt.boxes) {
			t.Errorf("%s: got edges %q and boxes %q, want %q and %q", tt.path, edges, boxes, tt.edges, tt.boxes)
		}
	}
}

// Answers may come back another way: that is drawn too. And what is proven can be read without the colours.
func TestSVG_ListsAndDrawsAnswers(t *testing.T) {
	p := &topology.Plan{Regions: []topology.Region{{Alias: "r"}}, Networks: []*topology.Network{{Key: "r/a", Alias: "r"}, {Key: "r/b", Alias: "r"}},
		Hosts: []*topology.Host{{Name: "h", Network: "r/b"}},
		Peerings: []*topology.Peering{
			{Name: "p", Mode: config.ModeVPC, Requester: topology.PeeringEnd{Name: "r/a"}, Accepter: topology.PeeringEnd{Name: "r/b"}},
			{Name: "q", Mode: config.ModeVPC, Requester: topology.PeeringEnd{Name: "r/a"}, Accepter: topology.PeeringEnd{Name: "r/b"}}}}
	a, b := topology.Hop{Kind: topology.TargetNetwork, Name: "r/a"}, topology.Hop{Kind: topology.TargetNetwork, Name: "r/b"}
	via := func(name string) topology.Hop { return topology.Hop{Kind: topology.TargetPeering, Name: name} }
	from, to := config.Ref{Kind: config.KindNetwork, Name: "r/a"}, config.Ref{Kind: config.KindHost, Name: "h"}
	p.Paths = []*topology.Path{
		{Name: "same", From: from, To: to, Port: 80, Expect: config.Reachable, Proven: true, Forward: []topology.Hop{a, via("p"), b}, Return: []topology.Hop{b, via("p"), a}},
		{Name: "other", From: from, To: to, Port: 80, Expect: config.Reachable, Proven: true, Forward: []topology.Hop{a, via("p"), b}, Return: []topology.Hop{b, via("q"), a}},
		{Name: "closed", From: from, To: to, Port: 80, Expect: config.Unreachable, Proven: true, Why: "no rule", Forward: []topology.Hop{a, via("p"), b}},
		{Name: "open", From: from, To: to, Port: 80, Expect: config.Unreachable},
		{Name: "lost", From: from, To: to, Port: 80, Expect: config.Reachable},
	}
	var got []string
	m := newModel(p, Options{Paths: p.Paths})
	for _, cells := range m.pathTable().cells {
		var words []string
		for _, c := range cells {
			words = append(words, sentence(c.spans))
		}
		got = append(got, strings.Join(words, " | "))
	}
	want := []string{
		"same | r/a → host/h TCP 80 | proven reachable | r/a › peering/p › r/b",
		"other | r/a → host/h TCP 80 | proven reachable | r/a › peering/p › r/b, back r/b › peering/q › r/a",
		"closed | r/a → host/h TCP 80 | proven unreachable | no rule",
		"open | r/a → host/h TCP 80 | NOT PROVEN unreachable | ",
		"lost | r/a → host/h TCP 80 | NOT PROVEN reachable | ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	edges := map[string]int{}
	for _, l := range look(t, SVG(p, Options{p.Paths, true})).lines {
		if strings.HasPrefix(l.class, "strand") {
			edges[l.class+" "+strings.Join(l.ends, " ")]++
		}
	}
	wantEdges := map[string]int{"strand path1 network/r/a peering/p": 1, "strand path1 network/r/b peering/p": 1, "strand path2 network/r/a peering/p": 1,
		"strand path2 network/r/b peering/p": 1, "strand path2 network/r/a peering/q": 1, "strand path2 network/r/b peering/q": 1}
	if diff := cmp.Diff(wantEdges, edges); diff != "" {
		t.Errorf("edges of paths: -want +got:\n%s", diff)
	}
}

// docs/reference.svg is the picture in the README, too.
func TestSVG_Reference(t *testing.T) {
	p := planOf(t, reference)
	o, _ := Choose(p, "")
	golden.Compare(t, "../../docs/reference.svg", SVG(p, o))
}

func TestSVG_IsTheSameEachTime(t *testing.T) {
	p := scalePlan(t, 5, 20, 200)
	first := SVG(p, Options{p.Paths, true})
	for range 3 {
		if SVG(p, Options{p.Paths, true}) != first {
			t.Fatal("the same plan gave another picture")
		}
	}
}

// A picture must work as a file alone, under a policy that forbids scripts and everything from elsewhere.
func TestSVG_StandsAlone(t *testing.T) {
	for name, p := range plans(t) {
		d := xml.NewDecoder(strings.NewReader(SVG(p, Options{p.Paths, true})))
		for {
			tok, err := d.Token()
			if tok == nil {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			e, ok := tok.(xml.StartElement)
			if !ok {
				continue
			}
			if !slices.Contains([]string{"svg", "title", "desc", "style", "g", "rect", "path", "circle", "text"}, e.Name.Local) {
				t.Errorf("%s: element %q", name, e.Name.Local)
			}
			for _, a := range e.Attr {
				if a.Name.Local == "href" || a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Value, "url(") {
					t.Errorf("%s: attribute %s=%q", name, a.Name.Local, a.Value)
				}
			}
		}
	}
}

func TestSVG_TellsWhoCannotSee(t *testing.T) {
	p := planOf(t, reference)
	svg := SVG(p, Options{p.Paths, true})
	for _, want := range []string{
		`role="img" aria-labelledby="pathproof-title pathproof-desc"`,
		`<title id="pathproof-title">Network reference: 3 Regions, 6 networks, 1 transit gateway, 1 site, 2 peerings, 21 paths</title>`,
		"Region oregon (us-west-2): oregon/edge 10.0.1.0/24, oregon/service 10.0.0.0/24.",
		"Transit gateway seoul, segment cloud: holds seoul/app, seoul/vpn; reaches cloud, onprem.",
		"Site idc: 1 VPN connection to transit gateway seoul, AS 65010 · BGP.",
		"Peering web-edge joins seoul/web and oregon/edge.",
		"OpenVPN server tokyo in tokyo/service.",
		"edge/tokyo: accelerator to openvpn/tokyo.",
		"Paths shown: 17 proven reachable, 4 proven unreachable, 0 not proven.",
		"<title>seoul/web\nprivate apne2-az1 172.30.0.0/27\n",
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("the picture does not have %q", want)
		}
	}
}

// Whoever looks something up in the picture finds it.
func TestSVG_LeavesNothingOut(t *testing.T) {
	for name, p := range plans(t) {
		picture := look(t, SVG(p, Options{Paths: p.Paths}))
		boxes := map[string]bool{}
		for _, b := range picture.boxes {
			boxes[b.node] = true
		}
		var text strings.Builder
		for _, x := range picture.texts {
			text.WriteString(x.text)
		}
		written := strings.NewReplacer(" ", "", "\n", "").Replace(text.String())
		want := func(node string, names ...string) {
			if node != "" && !boxes[node] {
				t.Errorf("%s: there is no box for %s", name, node)
			}
			for _, n := range names {
				if !strings.Contains(written, strings.ReplaceAll(n, " ", "")) {
					t.Errorf("%s: %q stands nowhere", name, n)
				}
			}
		}
		for _, r := range p.Regions {
			want("", r.Alias+r.Region, r.Account, r.AccountID)
		}
		for _, n := range p.Networks {
			want(networkNode(n.Key), append(prefixes(n), n.Key, n.ID)...)
		}
		for _, g := range p.TransitGateways {
			for _, s := range g.Segments {
				want(segmentNode(g.Name, s.Name), "segment"+s.Name, strings.Join(s.Reaches, ""), s.ID)
			}
		}
		for _, s := range p.Sites {
			want(siteNode(s.Name), "site"+s.Name)
			for _, c := range s.Connections {
				want("", "VPN"+c.Name)
			}
		}
		for _, q := range p.Peerings {
			want(newModel(p, Options{}).jointOf(q.Name).node)
		}
		for _, z := range p.HostedZones {
			if z.Service == "" { // else its service stands there
				want("", z.Name+z.Domain)
			}
		}
		for _, z := range p.ZonalServices {
			want("", "zonal"+z.Name)
		}
		for _, x := range p.Paths {
			want("", x.Name+x.From.String()+"→"+x.To.String())
		}
	}
}

func BenchmarkSVG_100Networks(b *testing.B) {
	p := scalePlan(b, 5, 20, 200)
	for b.Loop() {
		SVG(p, Options{p.Paths, true})
	}
}
