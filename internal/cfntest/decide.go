package cfntest

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/cfn"
)

// what happens to a resource of the new template.
type what int

const (
	stays what = iota
	creates
	updates
	replaces
	refuses
)

type decision struct {
	what what
	old  *instance
	why  string
}

// decide compares a resource with what there is, by the values of this moment. The lock is held.
func (o *operation) decide(r *cfn.Resource) decision {
	old := o.stack.resources[r.LogicalID]
	if old == nil {
		return decision{what: creates}
	}
	if old.typ != r.Type {
		return decision{refuses, old, "Update of resource type is not permitted. The new template modifies resource type of the following resources: [" + r.LogicalID + "]"}
	}
	now, err := o.engine.want(o.stack, o.next, r)
	if err != nil {
		return decision{updates, old, ""} // known after apply; it is decided again when its turn has come
	}
	if now.body == old.body && equal(now.properties, old.properties) && now.deletion == old.deletion && now.replace == old.replace {
		if o.unknown(r) && o.touched() {
			return decision{replaces, old, ""}
		}
		return decision{what: stays, old: old}
	}
	if strings.HasPrefix(r.Type, "Custom::") && now.properties["ServiceToken"] != old.properties["ServiceToken"] {
		return decision{refuses, old, "Modifying service token is not allowed."}
	}
	if r.Type == "AWS::ElasticLoadBalancingV2::LoadBalancer" && readdressed(old.properties["SubnetMappings"], now.properties["SubnetMappings"]) {
		return decision{refuses, old, "A subnet that is enabled already has another configuration."}
	}
	for _, p := range cfn.CreateOnly(r.Type) {
		if now.properties[p] != old.properties[p] {
			return decision{replaces, old, p}
		}
	}
	if o.unknown(r) {
		return decision{replaces, old, ""}
	}
	return decision{updates, old, ""}
}

// readdressed reports whether a subnet is in both lists with different addresses: SetSubnets takes enabled subnets as they are.
func readdressed(old, now string) bool {
	var x, y []struct{ SubnetId, PrivateIPv4Address string }
	if old == "" && now != "" {
		return true // AWS had picked others
	}
	if json.Unmarshal([]byte(old), &x) != nil || json.Unmarshal([]byte(now), &y) != nil {
		return false // one of them has none
	}
	for _, a := range x {
		for _, b := range y {
			if a.SubnetId == b.SubnetId && a.PrivateIPv4Address != b.PrivateIPv4Address {
				return true
			}
		}
	}
	return false
}

func equal(x, y map[string]string) bool {
	if len(x) != len(y) {
		return false
	}
	for k, v := range x {
		if w, ok := y[k]; !ok || v != w {
			return false
		}
	}
	return true
}

// unknown reports whether a create-only property holds a value of another Region: CloudFormation looks it up only when it
// carries a change set out, so it plans a replacement. A custom resource's function decides by the real values.
func (o *operation) unknown(r *cfn.Resource) bool {
	if strings.HasPrefix(r.Type, "Custom::") {
		return false
	}
	for _, u := range r.Uses {
		if u.Strong {
			continue
		}
		if slices.ContainsFunc(cfn.CreateOnly(r.Type), func(p string) bool { return strings.Contains(r.Properties[p], "{"+u.Of+"}") }) {
			return true
		}
	}
	return false
}

// touched reports whether anything but such resources changes in the stack. The lock is held.
func (o *operation) touched() bool {
	if o.tags != nil && !slices.Equal(o.tags, o.stack.tags) || len(o.next.stack.Resources) != len(o.stack.resources) {
		return true
	}
	return slices.ContainsFunc(o.next.stack.Resources, func(r *cfn.Resource) bool { return !o.unknown(r) && o.decide(r).what != stays })
}

// outputs are the stack's outputs as they will be. The lock is held.
func (o *operation) outputs() ([]output, error) {
	var out []output
	if o.next.text == nil {
		for _, x := range o.next.stack.Outputs {
			value, err := o.engine.physical(o.stack, o.next, x.Value)
			if err != nil {
				return nil, err
			}
			out = append(out, output{x.Name, value, x.Export})
		}
		return out, nil
	}
	for _, x := range o.next.stack.Outputs { // sorted
		ev := &evaluator{engine: o.engine, stack: o.stack}
		value, _ := ev.eval(o.next.raw.Outputs[x.Name].Value).(string)
		if ev.err != nil {
			return nil, ev.err
		}
		out = append(out, output{x.Name, value, x.Export})
	}
	return out, nil
}
