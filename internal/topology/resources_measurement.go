package topology

import (
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
)

// measurement plans the vantages of a place and, at home, the gate with what shows its verdicts.
func (pl *planner) measurement(at Place) {
	for _, v := range pl.plan.VantagesAt(at) {
		pl.vantage(v)
	}
	if m := pl.plan.Measurement; m != nil && m.Home == at {
		pl.gate(m)
	}
}

func (pl *planner) vantage(v *VantagePoint) {
	n := pl.plan.Network(v.Network)
	r := pl.add("AWS::Lambda::Function", "vantage/"+v.Key, props{"FunctionName": v.Function}, v.ID(), naming.Function)
	stack, id := pl.plan.NetworkStackName(n), naming.Network(n.Name)
	if n.ID == "" {
		r.use(resourceRef(stack, id, naming.Subnet(v.Tier, v.ZoneID), naming.Resource))
	}
	for _, host := range v.Groups() {
		r.use(attribute(resourceRef(stack, id, groupID(n.securityGroup(host))), "GroupId"))
	}
}

// groupID is the construct id of a security group.
func groupID(g *SecurityGroup) string {
	switch {
	case g.Of != "":
		return naming.RoleSecurityGroup(g.Of)
	case g.Host != "":
		return naming.HostSecurityGroup(g.Host)
	}
	return naming.SecurityGroup
}

func (pl *planner) gate(m *Measurement) {
	bucket := resourceRef(pl.plan.StackName(LayerNetwork, m.Home), naming.ReportBucket, naming.Resource)
	pl.add("AWS::Lambda::Function", "gate", props{"FunctionName": m.Function}, naming.Gate, naming.Function).use(bucket)
	pl.add("Custom::PathproofGate", "gate/run", nil, naming.Gate, naming.Run)
	pl.add("AWS::CloudWatch::Dashboard", "gate/dashboard", props{"DashboardName": naming.DashboardName(pl.plan.Name)}, naming.Gate, naming.Dashboard)
	if m.Every > 0 {
		pl.add("AWS::Events::Rule", "gate/schedule", nil, naming.Gate, naming.Schedule)
	}
	if len(m.Vantages) > 0 {
		pl.add("AWS::CloudWatch::Alarm", "gate/alarm/unproven", nil, naming.Gate, naming.UnprovenAlarm)
	}
	for _, p := range pl.plan.Paths {
		if p.HasDownAlarm() {
			pl.add("AWS::CloudWatch::Alarm", "path/"+p.Name+"/alarm/down", nil, naming.Gate, naming.DownAlarm(p.Name))
		}
		if p.HasObjectiveAlarm() {
			pl.add("AWS::CloudWatch::Alarm", "path/"+p.Name+"/alarm/objective", nil, naming.Gate, naming.ObjectiveAlarm(p.Name))
		}
	}
}

// HasDownAlarm reports whether an alarm says that the path is down: one that a vantage measures and that has to work.
func (p *Path) HasDownAlarm() bool { return p.At != "" && p.Expect == config.Reachable }

// HasObjectiveAlarm reports whether an alarm says that the path misses what it is measured for: its objective, or that it
// must be unreachable.
func (p *Path) HasObjectiveAlarm() bool {
	return p.At != "" && (p.SLO != "" || p.Expect == config.Unreachable)
}
