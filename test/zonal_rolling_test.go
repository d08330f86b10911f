package test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/constructs/zonal"
	"github.com/pathproof/pathproof/internal/bootstrap"
	"github.com/pathproof/pathproof/internal/cdktest"
	"github.com/pathproof/pathproof/internal/naming"
)

const scalingGroup = "AWS::AutoScaling::AutoScalingGroup"

// inZones has members in zones of the given numbers, which signal.
func inZones(t *testing.T, discovery *zonal.DiscoveryProps, numbers ...string) *cdktest.Template {
	t.Helper()
	return operations(t, func(p *zonal.OperationsProps) {
		m := members(discovery)
		m.Zones, m.Signals, m.UserData = nil, true, "#cloud-config\n# "+bootstrap.SignalVariable+"=''\n"
		for _, n := range numbers {
			z := zonal.MemberZone{ZoneID: "apne2-az" + n, SubnetId: new(subnetOf + n[:1])}
			if discovery == nil {
				z.TargetGroupArns = []*string{new("arn:tg"), new("arn:other" + n)}
			}
			m.Zones = append(m.Zones, z)
		}
		p.Members = m
		if discovery != nil {
			p.Zones = nil
		}
	})
}

func zonalGroupID(n string) string { return logical("O/" + naming.ZonalGroup("apne2-az"+n) + "/Group") }

// TestZonal_OneZoneAfterTheOther asserts that a new template reaches a zone only when it serves in the one before, by number and not by
// text, in whatever order they are given.
func TestZonal_OneZoneAfterTheOther(t *testing.T) {
	discovery := &zonal.DiscoveryProps{ServiceId: new("srv-1"), ServiceArn: new("arn:aws:servicediscovery:::service/srv-1")}
	for form, d := range map[string]*zonal.DiscoveryProps{"behind a load balancer": nil, "direct": discovery} {
		t.Run(form, func(t *testing.T) {
			tpl := inZones(t, d, "10", "1", "3", "2")
			before := ""
			for _, n := range []string{"1", "2", "3", "10"} {
				group := tpl.Resource(t, zonalGroupID(n), scalingGroup)
				var want []string
				if before != "" {
					want = []string{before}
				}
				if got := dependsOf(t, tpl, zonalGroupID(n)); !reflect.DeepEqual(got, want) {
					t.Errorf("zone %s waits for %v, want %v", n, got, want)
				}
				before = zonalGroupID(n)
				creation, update := policiesOf(t, tpl, zonalGroupID(n))
				if diff := cdktest.Match(m{"ResourceSignal": m{"Count": 2, "Timeout": "PT15M"}}, creation); diff != nil {
					t.Errorf("zone %s: %s", n, diff)
				}
				if diff := cdktest.Match(m{"AutoScalingRollingUpdate": m{"WaitOnResourceSignals": true, "MinSuccessfulInstancesPercent": 100, "MinInstancesInService": 2, "MaxBatchSize": 1, "PauseTime": "PT15M"}}, update); diff != nil {
					t.Errorf("zone %s: %s", n, diff)
				}
				var tags any = cdktest.Absent
				if d == nil {
					tags = []m{{"Key": "pathproof:targets-1", "Value": "arn:tg", "PropagateAtLaunch": true}, {"Key": "pathproof:targets-2", "Value": "arn:other" + n, "PropagateAtLaunch": true}}
				}
				if diff := cdktest.Match(m{"Tags": tags}, group.Properties); diff != nil {
					t.Errorf("zone %s: %s", n, diff)
				}
			}
		})
	}
}

// TestZonal_MembersMayTellWhoWaits asserts what the role may for that, and no more.
func TestZonal_MembersMayTellWhoWaits(t *testing.T) {
	const tags, tell = `{"Action":["ec2:DescribeTags"],"Effect":"Allow","Resource":["*"]}`, `{"Action":["cloudformation:SignalResource"],"Effect":"Allow","Resource":[{"Ref":"AWS::StackId"}]}`
	const cloudMap = `{"Action":["servicediscovery:RegisterInstance","servicediscovery:DeregisterInstance"],"Effect":"Allow","Resource":["arn:x"]}`
	const targets = `{"Action":["elasticloadbalancing:DescribeTargetHealth"],"Effect":"Allow","Resource":["*"]}`
	for form, c := range map[string]struct {
		discovery *zonal.DiscoveryProps
		want      []string
	}{
		"behind a load balancer": {nil, []string{tags, targets, tell}},
		"direct":                 {&zonal.DiscoveryProps{ServiceId: new("srv-1"), ServiceArn: new("arn:x")}, []string{cloudMap, tags, tell}},
	} {
		got, err := json.Marshal(statementsOf(inZones(t, c.discovery, "1", "2"), logical("O/Role"))[3:])
		if want := "[" + strings.Join(c.want, ",") + "]"; err != nil || string(got) != want {
			t.Errorf("%s: beyond what all machines may the role allows %s, want %s", form, got, want)
		}
	}
}

// dependsOf is what a resource waits for.
func dependsOf(t *testing.T, tpl *cdktest.Template, id string) []string {
	t.Helper()
	var r struct {
		DependsOn []string
	}
	if err := json.Unmarshal(whole(t, tpl)["Resources"][id], &r); err != nil {
		t.Fatal(err)
	}
	return r.DependsOn
}
