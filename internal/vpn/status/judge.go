package status

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/topology"
	"github.com/pathproof/pathproof/internal/vpn"
)

// judge gives the verdict on a tunnel by what AWS says.
func (t *Tunnel) judge(s *topology.Site, v *vpn.Tunnel) {
	t.Verdict = Up
	switch {
	case !v.Outside.IsValid():
		t.worsen(Unknown, "half configured, so EC2 says nothing about it")
	case v.Status == "":
		t.worsen(Unknown, "EC2 says nothing about it; wait a few minutes after a deployment, then look at the connection in the console")
	case !v.Up():
		why := "EC2 says " + v.Status
		if v.Message != "" {
			why += " (" + v.Message + ")"
		}
		t.worsen(Down, why+"; look at IKE, then BGP on the gateway, and at the tunnel's logs")
	case !s.Static && v.AcceptedRoutes != len(s.Prefixes):
		t.worsen(Degraded, fmt.Sprintf("AWS accepts %d routes, the site announces %d by the file (%s); %s", v.AcceptedRoutes, len(s.Prefixes), list(s), routesRemedy(v.AcceptedRoutes, len(s.Prefixes))))
	}
	if m := t.Maintenance; m != nil && m.Pending {
		t.Notes = append(t.Notes, pendingNote(m))
	}
	if s.Lifecycle != v.LifecycleControl && v.Outside.IsValid() {
		t.Notes = append(t.Notes, fmt.Sprintf("lifecycle control is %s, the file says %s; deploy it", onOff(v.LifecycleControl), onOff(s.Lifecycle)))
	}
	t.negotiated(s)
}

func list(s *topology.Site) string {
	var out []string
	for _, p := range s.Prefixes {
		out = append(out, p.String())
	}
	return strings.Join(out, ", ")
}

func routesRemedy(got, want int) string {
	if got < want {
		return "correct what the gateway announces"
	}
	return "declare them, or filter them on the gateway"
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func pendingNote(m *Maintenance) string {
	note := "maintenance is pending"
	if m.AutoAppliedAfter != nil {
		note += ", AWS applies it by itself after " + m.AutoAppliedAfter.Format("2006-01-02 15:04 UTC")
	}
	return note + "; pathproof vpn drill replaces the tunnel at a time of your choice"
}

// negotiated notes what the file does not allow. The words are EC2's and not documented, so it does not change the verdict.
func (t *Tunnel) negotiated(s *topology.Site) {
	n := t.Negotiated
	if n == nil {
		return
	}
	unlike := func(what, got string, allowed []string) {
		same := func(x string) bool { return strings.EqualFold(x, got) }
		if got != "" && len(allowed) > 0 && !slices.ContainsFunc(allowed, same) {
			t.Notes = append(t.Notes, fmt.Sprintf("%s negotiated %s, the file allows %s; deploy it, or look how EC2 writes it", what, got, strings.Join(allowed, ", ")))
		}
	}
	o := s.Tunnel
	unlike("IKE", n.IKEVersion, texts(o.IKEVersions))
	unlike("phase 1", n.Phase1Encryption, texts(o.Phase1Encryption))
	unlike("phase 2", n.Phase2Encryption, texts(o.Phase2Encryption))
	groups := func(of []int) (out []string) {
		for _, g := range of {
			out = append(out, fmt.Sprint(g))
		}
		return out
	}
	if n.Phase1DHGroup > 0 {
		unlike("phase 1", fmt.Sprint(n.Phase1DHGroup), groups(o.Phase1DHGroups))
	}
	if n.Phase2DHGroup > 0 {
		unlike("phase 2", fmt.Sprint(n.Phase2DHGroup), groups(o.Phase2DHGroups))
	}
}

func texts[T ~string](of []T) []string {
	out := make([]string, len(of))
	for i, x := range of {
		out[i] = string(x)
	}
	return out
}

// worsen makes a verdict worse, never better, and says why.
func (t *Tunnel) worsen(to Verdict, why string) {
	t.Verdict = worse(t.Verdict, to)
	t.Reasons = append(t.Reasons, why)
}

// judge gives the verdicts on connections, sites and the whole by those on tunnels.
func (r *Report) judge() {
	r.Verdict = Up
	for i := range r.Sites {
		s := &r.Sites[i]
		var all []Verdict
		for j := range s.Connections {
			c := &s.Connections[j]
			var tunnels []Verdict
			for k := range c.Tunnels {
				tunnels = append(tunnels, c.Tunnels[k].Verdict)
			}
			c.Verdict = together(tunnels)
			if c.Verdict == Up && len(c.Reasons) > 0 {
				c.Verdict = Degraded
			}
			all = append(all, c.Verdict)
		}
		s.Verdict = together(all)
		r.Verdict = worse(r.Verdict, s.Verdict)
	}
}
