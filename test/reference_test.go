package test

import (
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pathproof/pathproof/internal/cdktest"
	"github.com/pathproof/pathproof/internal/cfn"
	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/deployed"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/topology"
	"github.com/pathproof/pathproof/pathprooftest"
	"github.com/pathproof/pathproof/stacks"
)

// configurations are synthesized once each; every test of whole networks reads the same templates.
var configurations = map[string]string{
	"reference":  "../pathproof.yaml",
	"mesh":       "../internal/check/testdata/good/mesh.yaml",
	"adopted":    "../internal/check/testdata/good/adopted.yaml",
	"accounts":   "../internal/check/testdata/good/accounts.yaml",
	"ways":       "../internal/check/testdata/good/ways.yaml",
	"client-vpn": "../internal/check/testdata/good/client-vpn.yaml",
	"two-sites":  "../internal/check/testdata/good/two-sites.yaml",
	"webhook":    "../internal/check/testdata/good/alerts-webhook.yaml",
	"zonal":      "../internal/check/testdata/good/zonal.yaml",
}

// synthesized is a configuration with its plan and templates.
type synthesized struct {
	plan      *topology.Plan
	templates map[string]*cdktest.Template
	dir       string // of the cloud assembly; it goes with the test that synthesized it
}

var (
	synthMutex sync.Mutex
	synthCache = map[string]*synthesized{}
)

func synth(t *testing.T, name string) *synthesized {
	t.Helper()
	synthMutex.Lock()
	defer synthMutex.Unlock()
	if s := synthCache[name]; s != nil {
		return s
	}
	s := synthesize(t, configurations[name], nil)
	synthCache[name] = s
	return s
}

// synthesize plans and synthesizes a file. edit changes the plan first, if given.
func synthesize(t *testing.T, file string, edit func(*topology.Plan)) *synthesized {
	t.Helper()
	r := check.File(file)
	if !r.OK() {
		t.Fatalf("%s: %v", file, r.Problems)
	}
	if edit != nil {
		edit(r.Plan)
	}
	app := cdktest.NewApp(t)
	stacks.Build(app.App, r.Plan, standIns)
	s := &synthesized{r.Plan, map[string]*cdktest.Template{}, app.Dir}
	for _, st := range r.Plan.Stacks {
		s.templates[st.Name] = app.Template(t, st.Name)
	}
	return s
}

func eachConfiguration(t *testing.T, fn func(t *testing.T, s *synthesized)) {
	for name := range configurations {
		t.Run(name, func(t *testing.T) { fn(t, synth(t, name)) })
	}
}

// TestPlan_NamesEveryResource asserts that a plan and the templates agree on every stack, resource, type and logical id. What
// only serves others is of types that are never planned: comparisons with what is deployed leave those types out.
func TestPlan_NamesEveryResource(t *testing.T) {
	eachConfiguration(t, func(t *testing.T, s *synthesized) {
		for _, st := range s.plan.Stacks {
			planned := map[string]string{}
			for _, r := range st.Resources {
				if planned[r.LogicalID] != "" {
					t.Errorf("%s: %s is planned twice", st.Name, r.LogicalID)
				}
				if deployed.Helper(r.Type, r.Properties["FunctionName"] != "") {
					t.Errorf("%s: %s is planned, although it is of a type that only serves others (%s)", st.Name, r.LogicalID, r.Type)
				}
				planned[r.LogicalID] = r.Type
			}
			for id, r := range s.templates[st.Name].Resources {
				if planned[id] != r.Type && !deployed.Helper(r.Type, r.Properties["FunctionName"] != nil) {
					t.Errorf("%s: template has %s (%s), plan has %q", st.Name, id, r.Type, planned[id])
				}
				delete(planned, id)
			}
			for id, typ := range planned {
				t.Errorf("%s: plan has %s (%s), template has not", st.Name, id, typ)
			}
		}
	})
}

// TestTemplates_TypesAreKnown asserts that the extract of CloudFormation's schemas has every type: what it does not know
// would be taken for a resource that nothing replaces.
func TestTemplates_TypesAreKnown(t *testing.T) {
	eachConfiguration(t, func(t *testing.T, s *synthesized) {
		for name, tpl := range s.templates {
			for _, typ := range tpl.Types() {
				if !cfn.Known(typ) {
					t.Errorf("%s: %s is not in internal/cfn/schemas.json; add it to tools/schemas/types.go and run make schemas", name, typ)
				}
			}
		}
	})
}

// replaces reports whether CloudFormation plans to replace a resource when it cannot tell a property's value. It never
// does so with a custom resource: only the function's answer replaces that.
func replaces(typ, property string) bool {
	if strings.HasPrefix(typ, "Custom::") {
		return false
	}
	return slices.ContainsFunc(slices.Concat(cfn.CreateOnly(typ), cfn.MaybeCreateOnly(typ)), func(p string) bool {
		return p == property || strings.HasPrefix(p, property+".")
	})
}

// TestReferences_BetweenRegions asserts where values of other Regions stand: in properties that are updated in place, or in
// a peer stack, which never changes. CloudFormation resolves such a value while a change set runs, so in a create-only
// property it would plan a replacement with every update. It also asserts that each names an output that its producer has,
// and that nothing helps itself with Lambda functions of CDK.
func TestReferences_BetweenRegions(t *testing.T) {
	seen := 0
	eachConfiguration(t, func(t *testing.T, s *synthesized) {
		for _, st := range s.plan.Stacks {
			for id, r := range s.templates[st.Name].Resources {
				if strings.Contains(r.Type, "CrossRegion") {
					t.Errorf("%s/%s is a %s", st.Name, id, r.Type)
				}
				for property, value := range r.Properties {
					for _, ref := range stackOutputs(value) {
						seen++
						if st.Layer != topology.LayerPeer && replaces(r.Type, property) {
							t.Errorf("%s/%s (%s): %s replaces, and holds a value of another Region: %v", st.Name, id, r.Type, property, ref)
						}
						producer := s.templates[fmt.Sprint(ref["StackName"])]
						if producer == nil || producer.Outputs[fmt.Sprint(ref["OutputName"])] == nil {
							t.Errorf("%s/%s: %s reads an output that does not exist: %v", st.Name, id, property, ref)
						}
						if !slices.Contains(st.DependsOn, fmt.Sprint(ref["StackName"])) {
							t.Errorf("%s reads from %v but is not deployed after it", st.Name, ref["StackName"])
						}
					}
				}
			}
		}
	})
	if seen == 0 {
		t.Error("no value passes between Regions: the test looks at the wrong place")
	}
}

// stackOutputs finds every Fn::GetStackOutput in a value.
func stackOutputs(v any) []map[string]any {
	var out []map[string]any
	switch x := v.(type) {
	case map[string]any:
		for key, value := range x {
			if ref, ok := value.(map[string]any); ok && key == "Fn::GetStackOutput" {
				out = append(out, ref)
				continue
			}
			out = append(out, stackOutputs(value)...)
		}
	case []any:
		for _, value := range x {
			out = append(out, stackOutputs(value)...)
		}
	}
	return out
}

// TestReferences_ReplacedProducerChangesEveryConsumer replaces a VPC and a transit gateway, and asserts that every template
// that reads them from another Region changes: otherwise the CDK CLI would skip those stacks.
func TestReferences_ReplacedProducerChangesEveryConsumer(t *testing.T) {
	for _, c := range []struct {
		config  string
		replace func(*topology.Plan)
		changed []string
	}{
		// The peer stacks and the requesters are in ap-northeast-1; what is replaced is read from there or through the peering.
		{"reference", func(p *topology.Plan) { p.Network("seoul/vpn").CIDR = prefix("172.29.0.0/16") },
			[]string{"reference-peer-seoul-tokyo", "reference-routes-ap-northeast-2"}},
		{"reference", func(p *topology.Plan) { p.Network("tokyo/service").CIDR = prefix("172.31.0.0/16") },
			[]string{"reference-peer-seoul-tokyo", "reference-routes-ap-northeast-2"}},
		{"mesh", func(p *topology.Plan) { p.TransitGateway("seoul").ASN = 64999 },
			[]string{"mesh-peer-tgw", "mesh-routes-ap-northeast-2"}},
		{"accounts", func(p *topology.Plan) {
			n := p.Network("seoul/own")
			n.CIDR, n.Subnets, n.RouteTables = prefix("10.9.0.0/16"), nil, nil
		},
			[]string{"accounts-peer-near", "accounts-peer-inside", "accounts-routes-app-ap-northeast-2"}},
	} {
		t.Run(c.config, func(t *testing.T) {
			before, after := synth(t, c.config), synthesize(t, configurations[c.config], c.replace)
			for _, name := range c.changed {
				if string(before.templates[name].Text) == string(after.templates[name].Text) {
					t.Errorf("%s does not change when what it reads is replaced", name)
				}
			}
		})
	}
}

// TestStacks_Layers asserts what every place has, in which order it is deployed, and what is protected.
func TestStacks_Layers(t *testing.T) {
	s := synth(t, "reference")
	var names []string
	for _, st := range s.plan.Stacks {
		names = append(names, st.Name)
		if _, marked := s.templates[st.Name].Resources["Marker"]; marked == (st.Layer == topology.LayerPeer) {
			t.Errorf("%s: marker: got %v", st.Name, marked)
		}
	}
	want := []string{
		"reference-network-ap-northeast-1", "reference-network-ap-northeast-2", "reference-network-us-west-2",
		"reference-network-us-west-2-edge", "reference-network-us-west-2-service",
		"reference-network-ap-northeast-2-app", "reference-network-ap-northeast-2-vpn", "reference-network-ap-northeast-2-web",
		"reference-network-ap-northeast-1-service", "reference-accelerator-edge",
		"reference-peer-seoul-tokyo", "reference-peer-web-edge",
		"reference-routes-ap-northeast-1", "reference-routes-ap-northeast-2", "reference-routes-us-west-2",
		"reference-ops-ap-northeast-1", "reference-ops-us-west-2", "reference-ops-ap-northeast-2"} // the last one holds the gate
	if !slices.Equal(names, want) {
		t.Errorf("got stacks %v\nwant %v", names, want)
	}
	for _, name := range []string{"reference-peer-seoul-tokyo", "reference-peer-web-edge"} {
		if got := s.templates[name].Types(); !slices.Equal(got, []string{"AWS::EC2::VPCPeeringConnection"}) {
			t.Errorf("%s holds %v, want its connection and nothing else", name, got)
		}
	}
}

// TestStacks_ProtectAndTags reads the manifest: protection and tags are properties of stacks, not of templates.
func TestStacks_ProtectAndTags(t *testing.T) {
	app := cdktest.NewApp(t)
	r := check.File(configurations["adopted"])
	r.Plan.Tags = map[string]string{"Owner": "platform"}
	stacks.Build(app.App, r.Plan, standIns)
	app.App.Synth(nil)
	var manifest struct {
		Artifacts map[string]struct {
			Type       string
			Properties struct {
				TerminationProtection bool
				Tags                  map[string]string
			}
		}
	}
	readJSON(t, filepath.Join(app.Dir, "manifest.json"), &manifest)
	for _, st := range r.Plan.Stacks {
		p := manifest.Artifacts[st.Name].Properties
		if want := st.Layer == topology.LayerNetwork || st.Layer == topology.LayerPeer; p.TerminationProtection != want {
			t.Errorf("%s: termination protection: got %v, want %v", st.Name, p.TerminationProtection, want)
		}
		want := map[string]string{naming.TagNetwork: "adopted"}
		if st.Layer != topology.LayerPeer { // a peer stack never changes, so it has no tags that may
			want["Owner"] = "platform"
		}
		if !maps.Equal(p.Tags, want) {
			t.Errorf("%s: got tags %v, want %v", st.Name, p.Tags, want)
		}
	}
}

// TestTemplates_FitCloudFormation checks what CDK does not: size, and the number of outputs.
func TestTemplates_FitCloudFormation(t *testing.T) {
	eachConfiguration(t, func(t *testing.T, s *synthesized) {
		for name, tpl := range s.templates {
			if len(tpl.Text) > 1_000_000 || len(tpl.Resources) > 500 || len(tpl.Outputs) > 200 {
				t.Errorf("%s: %d bytes, %d resources, %d outputs", name, len(tpl.Text), len(tpl.Resources), len(tpl.Outputs))
			}
		}
	})
}

// addressText is the address of a host by its name; nginx's own "https://$host" is none.
var addressText = regexp.MustCompile(`https://[a-zA-Z0-9-]+\.`)

// TestTemplates_HoldNoSecret asserts that no pre-shared key can stand in a template, since AWS makes them, in Secrets Manager, and no
// address of a webhook.
func TestTemplates_HoldNoSecret(t *testing.T) {
	connections := 0
	eachConfiguration(t, func(t *testing.T, s *synthesized) {
		for name, tpl := range s.templates {
			if strings.Contains(string(tpl.Text), `"PreSharedKey"`) {
				t.Errorf("%s has a PreSharedKey", name)
			}
			if addressText.Match(tpl.Text) || strings.Contains(string(tpl.Text), "{{resolve:") {
				t.Errorf("%s has an address, or a value that CloudFormation writes in", name) // of a webhook, which is a secret
			}
			for _, id := range tpl.ByType("AWS::EC2::VPNConnection") {
				connections++
				if got := tpl.Resources[id].Properties["PreSharedKeyStorage"]; got != "SecretsManager" {
					t.Errorf("%s/%s: PreSharedKeyStorage: got %v", name, id, got)
				}
			}
		}
	})
	if connections == 0 {
		t.Error("no VPN connection: the test looks at the wrong place")
	}
}

// TestPaths_OpenNothing asserts that paths have no way into a template but what measures them: without them the rest of the
// templates is the same, every route and security group (docs/adr/0004).
func TestPaths_OpenNothing(t *testing.T) {
	with := synth(t, "reference")
	without := synthesize(t, configurations["reference"], func(p *topology.Plan) { p.Paths, p.Measurement = nil, nil })
	measuring := []string{"AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::Events::Rule", "AWS::IAM::Role", "AWS::Lambda::EventInvokeConfig",
		"AWS::Lambda::Function", "AWS::Lambda::Permission", "AWS::Logs::LogGroup", "AWS::S3::Bucket", "AWS::S3::BucketPolicy", "Custom::PathproofGate"}
	added := 0
	for name, tpl := range with.templates {
		for id, r := range tpl.Resources {
			before, there := without.templates[name].Resources[id]
			switch {
			case there && r.Type == "AWS::CloudWatch::Dashboard": // a site's shows what is measured over its VPN
			case there && !reflect.DeepEqual(r, before):
				t.Errorf("%s/%s (%s) differs without paths", name, id, r.Type)
			case !there && slices.Contains(measuring, r.Type):
				added++
			case !there:
				t.Errorf("%s/%s (%s) is there because of paths, and does not measure", name, id, r.Type)
			}
		}
	}
	if added < 30 {
		t.Errorf("paths add %d resources: the test looks at the wrong place", added)
	}
}

// TestSnapshots compares the reference network's templates with the ones in testdata/snapshots. What one property says is
// asserted elsewhere; here a reviewer sees everything that a change does to a deployed network.
func TestSnapshots(t *testing.T) {
	pathprooftest.Snapshot(t, synthesize(t, configurations["reference"], nil).dir, filepath.Join("testdata", "snapshots", "reference"))
}

// TestSynth_Twice asserts that two runs in one program give equal templates.
func TestSynth_Twice(t *testing.T) {
	first, second := synth(t, "adopted"), synthesize(t, configurations["adopted"], nil)
	for name, tpl := range first.templates {
		if string(tpl.Text) != string(second.templates[name].Text) {
			t.Errorf("%s differs between two runs", name)
		}
	}
}

// TestNag_WholeNetworks runs the AWS Solutions rules over every configuration.
func TestNag_WholeNetworks(t *testing.T) {
	for name, file := range configurations {
		t.Run(name, func(t *testing.T) {
			app := cdktest.NewApp(t)
			stacks.Build(app.App, check.File(file).Plan, standIns)
			if findings := nag(t, app); findings != "" {
				t.Errorf("findings:\n%s", findings)
			}
		})
	}
}

// TestTemplates_PassStrictValidation runs the rules of CloudFormation over every configuration's templates, with enum
// warnings as errors, as `make synth` does.
func TestTemplates_PassStrictValidation(t *testing.T) {
	needTools(t)
	for name, file := range configurations {
		t.Run(name, func(t *testing.T) {
			c := exec.Command("node", "tools/validate.mjs", synthesize(t, file, nil).dir, "tools/validation-allow.json")
			c.Dir = ".."
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
