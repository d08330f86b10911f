package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/topology"
)

// deployed is what CloudFormation says about a network's stacks.
type deployed struct {
	server *server
	plan   *topology.Plan
	stacks map[string]*stack // by name
	cache  map[string]node   // answers of describe calls

	written map[string]bool // metrics; see metrics
}

type stack struct {
	name, id, region, status, updated string
	protected                         bool
	tags, outputs, exports            map[string]string
	resources                         map[string]resource // by logical id
	events                            int
	template                          template
}

type resource struct{ id, typ string }

type template struct {
	Resources map[string]struct {
		Type           string
		DeletionPolicy string
		Properties     map[string]any
	}
	Outputs map[string]struct {
		Export struct{ Name any }
	}
}

// readStacks reads every stack of a plan.
func readStacks(t *testing.T, s *server, plan *topology.Plan) *deployed {
	t.Helper()
	d := &deployed{server: s, plan: plan, stacks: map[string]*stack{}, cache: map[string]node{}}
	for _, planned := range plan.Stacks {
		d.stacks[planned.Name] = readStack(t, s, planned.Place.Region, planned.Name)
	}
	return d
}

func readStack(t *testing.T, s *server, region, name string) *stack {
	t.Helper()
	x := s.query(t, "cloudformation", region, "DescribeStacks", "StackName", name).list("DescribeStacksResult/Stacks")[0]
	st := &stack{name: name, id: x.at("StackId"), region: region, status: x.at("StackStatus"), updated: x.at("LastUpdatedTime"), protected: x.at("EnableTerminationProtection") == "true",
		tags: map[string]string{}, outputs: map[string]string{}, exports: map[string]string{}, resources: map[string]resource{}}
	for _, tag := range x.list("Tags") {
		st.tags[tag.at("Key")] = tag.at("Value")
	}
	for _, o := range x.list("Outputs") {
		st.outputs[o.at("OutputKey")] = o.at("OutputValue")
		if e := o.at("ExportName"); e != "" {
			st.exports[e] = o.at("OutputValue")
		}
	}
	for _, r := range s.query(t, "cloudformation", region, "DescribeStackResources", "StackName", name).list("DescribeStackResourcesResult/StackResources") {
		st.resources[r.at("LogicalResourceId")] = resource{r.at("PhysicalResourceId"), r.at("ResourceType")}
	}
	st.events = len(s.query(t, "cloudformation", region, "DescribeStackEvents", "StackName", name).list("DescribeStackEventsResult/StackEvents"))
	text := s.query(t, "cloudformation", region, "GetTemplate", "StackName", name).at("GetTemplateResult/TemplateBody")
	if err := json.Unmarshal([]byte(text), &st.template); err != nil {
		t.Fatalf("template of %s: %v", name, err)
	}
	return st
}

// checkStacks compares what a stack says of itself with the plan: status, protection, tags, resources, exports.
func (d *deployed) checkStacks(t *testing.T, status ...string) {
	t.Helper()
	for _, planned := range d.plan.Stacks {
		st := d.stacks[planned.Name]
		if !slices.Contains(status, st.status) {
			t.Errorf("%s: status %s, want one of %v", st.name, st.status, status)
		}
		if want := d.plan.Protect && (planned.Layer == topology.LayerNetwork || planned.Layer == topology.LayerPeer); st.protected != want {
			t.Errorf("%s: termination protection: got %v, want %v", st.name, st.protected, want)
		}
		if want := d.stackTags(planned); !maps.Equal(st.tags, want) {
			t.Errorf("%s: tags: got %v, want %v", st.name, st.tags, want)
		}
		for _, r := range planned.Resources {
			if got := st.resources[r.LogicalID]; got.typ != r.Type || got.id == "" {
				t.Errorf("%s: %s (%s) is planned, CloudFormation has %+v", st.name, r.LogicalID, r.Type, got)
			}
		}
		d.checkOutputs(t, planned, st)
	}
}

// checkOutputs asserts that each output of the template is there with a value, and that what is planned to be exported is.
func (d *deployed) checkOutputs(t *testing.T, planned *topology.Stack, st *stack) {
	t.Helper()
	for name := range st.template.Outputs {
		if st.outputs[name] == "" {
			t.Errorf("%s: no output %s", st.name, name)
		}
	}
	values := slices.Collect(maps.Values(st.outputs))
	for _, export := range planned.Exports {
		if want := d.value(t, st.name+"/"+export); !slices.Contains(values, want) {
			t.Errorf("%s: %s (%s) is exported by the plan, not by the stack", st.name, export, want)
		}
	}
}

func (d *deployed) stackTags(s *topology.Stack) map[string]string {
	tags := map[string]string{}
	if s.Layer != topology.LayerPeer {
		maps.Copy(tags, d.plan.Tags)
	}
	tags["pathproof:network"] = d.plan.Name
	return tags
}

// ids are all physical ids, by stack and logical id.
func (d *deployed) ids() map[string]string {
	out := map[string]string{}
	for _, st := range d.stacks {
		for logical, r := range st.resources {
			out[st.name+"/"+logical] = r.id
		}
	}
	return out
}

// value is what STACK/ID or STACK/ID.ATTRIBUTE of a plan has become.
func (d *deployed) value(t *testing.T, ref string) string {
	t.Helper()
	name, rest, _ := strings.Cut(ref, "/")
	logical, attribute, _ := strings.Cut(rest, ".")
	st := d.stacks[name]
	if st == nil {
		t.Errorf("%s: no such stack", ref)
		return ""
	}
	r := st.resources[logical]
	switch {
	case attribute == "", attribute == "AllocationId", r.typ == "AWS::EC2::SecurityGroup" && attribute == "GroupId":
		return r.id
	case r.typ == "AWS::S3::Bucket" && attribute == "Arn":
		return "arn:aws:s3:::" + r.id
	case strings.HasPrefix(r.typ, "Custom::") && d.lastAnswer(t, name, logical)[attribute] != nil:
		return plainText(d.lastAnswer(t, name, logical)[attribute])
	case attributes[r.typ+"."+attribute] != nil:
		return attributes[r.typ+"."+attribute](t, d, st.region, r.id)
	case r.typ == "AWS::KMS::Key" && attribute == "Arn":
		return fmt.Sprintf("arn:aws:kms:%s:%s:key/%s", st.region, account, r.id)
	case r.typ == "AWS::IAM::Role" && attribute == "Arn":
		return fmt.Sprintf("arn:aws:iam::%s:role/%s", account, r.id)
	case r.typ == "AWS::Events::Rule" && attribute == "Arn":
		return fmt.Sprintf("arn:aws:events:%s:%s:rule/%s", st.region, account, r.id)
	case r.typ == "AWS::Lambda::Function" && attribute == "Arn":
		return fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", st.region, account, r.id)
	case attribute == "TransitGatewayAttachmentId" && r.typ == "Custom::PathproofVpnFacts":
		return d.vpnAttachment(t, st.region, r.id)
	case attribute == "TransitGatewayAttachmentId":
		return strings.TrimSuffix(r.id, "/acceptance")
	}
	t.Errorf("%s: the harness does not know attribute %s of %s", ref, attribute, r.typ)
	return ""
}
