package test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/bootstrap"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/topology"
)

// TestMachines_SignalWhoWaits asserts that the machines of each group tell the stack that waits for them, by the group's logical id:
// anything else would have every deployment wait in vain and roll back. Those of a zonal service, which have one text in all zones, find the
// id in a tag of CloudFormation's.
func TestMachines_SignalWhoWaits(t *testing.T) {
	groups, zonal := 0, 0
	for _, name := range []string{"reference", "ways", "zonal"} {
		for stack, tpl := range synth(t, name).templates {
			for id, r := range tpl.Resources {
				if r.Type != "AWS::AutoScaling::AutoScalingGroup" {
					continue
				}
				groups++
				_, update := policiesOf(t, tpl, id)
				if rolling, ok := update["AutoScalingRollingUpdate"].(m); !ok || rolling["WaitOnResourceSignals"] != true {
					t.Errorf("%s: nobody waits for the machines of %s: %v", stack, id, update)
				}
				template := r.Properties["LaunchTemplate"].(m)["LaunchTemplateId"].(m)["Ref"].(string)
				text, err := json.Marshal(tpl.Resources[template].Properties["LaunchTemplateData"].(m)["UserData"])
				if err != nil {
					t.Fatal(err)
				}
				told := id
				if strings.HasPrefix(id, strings.ReplaceAll(naming.ZonalService(""), "-", "")) {
					told, zonal = "", zonal+1
				}
				for _, want := range []string{fmt.Sprintf(`%s='%s'\n`, bootstrap.SignalVariable, told), fmt.Sprintf(`SIGNAL_STACK='%s'\n`, stack)} {
					if !strings.Contains(string(text), want) {
						t.Errorf("%s: the machines of %s do not say %s", stack, id, want)
					}
				}
			}
		}
	}
	if groups-zonal < 9 || zonal < 4 {
		t.Errorf("only %d groups, %d of zonal services", groups, zonal)
	}
}

// TestEdgeProxy_AsksForTheTargetsItJoins asserts that proxies wait until they are healthy in each target group that their group joins, and in no
// other: one of those would never find them, and the deployment would be rolled back.
func TestEdgeProxy_AsksForTheTargetsItJoins(t *testing.T) {
	proxies := 0
	for _, name := range []string{"reference", "ways"} {
		s := synth(t, name)
		for _, e := range s.plan.EdgeProxies {
			tpl := s.templates[s.plan.StackName(topology.LayerOps, e.Place)]
			joined, ok := tpl.Resources[naming.LogicalID(naming.EdgeProxy(e.Name), naming.Group)].Properties["TargetGroupARNs"].([]any)
			if !ok {
				t.Fatalf("%s joins no target group", e.Name)
			}
			var want []string
			for _, arn := range joined {
				want = append(want, written(t, arn))
			}
			text := written(t, tpl.Resources[naming.LogicalID(naming.EdgeProxy(e.Name), naming.LaunchTemplate)].Properties["LaunchTemplateData"].(m)["UserData"].(m)["Fn::Base64"])
			if line := "TARGET_GROUPS='" + strings.Join(want, " ") + "'\n"; !strings.Contains(text, line) {
				t.Errorf("the machines of %s do not say %s", e.Name, line)
			}
			proxies++
		}
	}
	if proxies < 3 {
		t.Errorf("only %d proxies", proxies)
	}
}

// written is a text of a template, with the JSON of each value that CloudFormation puts in.
func written(t *testing.T, text any) string {
	t.Helper()
	if s, ok := text.(string); ok {
		return s
	}
	var b strings.Builder
	if x, ok := text.(m); ok {
		if join, ok := x["Fn::Join"].([]any); ok && join[0] == "" {
			for _, part := range join[1].([]any) {
				b.WriteString(written(t, part))
			}
			return b.String()
		}
	}
	value, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(value)
}

// TestOpenVPN_ComesAfterItsPKI asserts that a server in the stack of its PKI starts when the list and the key of all servers are there: it
// says FAILURE at the third boot without them.
func TestOpenVPN_ComesAfterItsPKI(t *testing.T) {
	s, found := synth(t, "reference"), 0
	for _, server := range s.plan.OpenVPNs {
		p := s.plan.PKI(server.PKI)
		if server.Place != p.Home {
			continue
		}
		tpl := s.templates[s.plan.StackName(topology.LayerOps, server.Place)]
		authority := tpl.Has(t, "Custom::PathproofPki", m{"Pki": p.Name})
		tpl.DependsOnAll(t, naming.LogicalID(naming.OpenVPN(server.Name), naming.Group), authority)
		found++
	}
	if found == 0 {
		t.Error("no server stands at the home of its PKI")
	}
}

// TestOpenVPN_SizeIsThatOfTheTemplate asserts that check's size of a server's user data, with the longest values that CloudFormation can
// give, is that of what is deployed: not less, and more by these values only.
func TestOpenVPN_SizeIsThatOfTheTemplate(t *testing.T) {
	for _, name := range []string{"reference", "ways"} {
		s := synth(t, name)
		for _, server := range s.plan.OpenVPNs {
			tpl := s.templates[s.plan.StackName(topology.LayerOps, server.Place)]
			id := naming.LogicalID(naming.OpenVPN(server.Name), naming.LaunchTemplate)
			literal, values := partsOf(tpl.Resources[id].Properties["LaunchTemplateData"].(m)["UserData"].(m)["Fn::Base64"])
			if size := s.plan.OpenVPNSize(server); size < literal || size > literal+values*120 || values < 3 {
				t.Errorf("%s: check counts %d bytes, the template has %d and %d values", server.Name, size, literal, values)
			}
		}
	}
}

// partsOf counts the bytes of a text that are there, and the values that CloudFormation puts in.
func partsOf(text any) (literal, values int) {
	switch x := text.(type) {
	case string:
		return len(x), 0
	case m:
		if join, ok := x["Fn::Join"].([]any); ok {
			for _, part := range join[1].([]any) {
				l, v := partsOf(part)
				literal, values = literal+l, values+v
			}
			return literal, values
		}
	}
	return 0, 1
}
