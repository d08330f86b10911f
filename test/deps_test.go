package test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/pathproof/pathproof"

// Prefixes of import paths that rules name.
var (
	jsii   = []string{"github.com/aws/aws-cdk-go", "github.com/aws/constructs-go", "github.com/aws/jsii-runtime-go"}
	ec2SDK = []string{"github.com/aws/aws-sdk-go-v2/service/ec2"}
	config = []string{module + "/internal/config"}
	aws    = []string{"github.com/aws"}
	labs   = []string{module + "/internal/probe/lab", module + "/internal/drill/lab"}
	edges  = []string{"go.opentelemetry.io", "google.golang.org/grpc", "google.golang.org/protobuf"}
	inside = []string{module + "/internal", module + "/bin", module + "/stacks", module + "/constructs"}
	above  = []string{module + "/internal/config", module + "/internal/topology", module + "/stacks"}
)

// neverReach bans import paths for packages, directly or through any other package, tests included. The value is why.
// A pattern is a package below the module; "/..." at its end takes in the packages below it, "..." is everything.
var neverReach = []struct {
	packages string
	except   []string
	banned   []string
	why      string
}{
	{"affinity/...", nil, append(inside, jsii...), "the client library is copied into any service: it knows neither the network's file nor CDK"},
	{"affinity", nil, append(inside, append(aws, jsii...)...), "the client library is copied into any service: it knows neither the network's file nor CDK"},
	{"affinity", nil, edges, "whoever calls plain HTTP links neither OpenTelemetry nor gRPC"},
	{"affinity/...", []string{"affinity/affinityotel", "affinity/affinitygrpc"}, edges, "only the packages that are named for OpenTelemetry and gRPC link them"},
	{"affinity/...", []string{"affinity/discover/cloudmap"}, aws, "only discovery in Cloud Map links AWS's SDK"},
	{"internal/amazonlinux", nil, append(above, append(aws, jsii...)...), "it is about names, which the planner needs"},
	{"internal/amazonlinux/images", nil, jsii, "images are looked up on machines without Node.js"},
	{"internal/amazonlinux/latest", nil, append(aws, jsii...), "it judges what somebody else looked up"},
	{"internal/awsdata", nil, jsii, "facts need no Node.js"},
	{"internal/bootstrap", nil, append(above, append(aws, jsii...)...), "text for machines knows neither the file nor AWS"},
	{"internal/bootstrap/edgelab", nil, append(above, append(aws, jsii...)...), "proxies are tested as text becomes them"},
	{"internal/change", nil, jsii, "changes are judged on machines without Node.js"},
	{"internal/cfn", nil, jsii, "a change is judged without synthesizing anything"},
	{"internal/cfntest", nil, jsii, "pure packages test many changes with it"},
	{"internal/check", nil, jsii, "the command line works on a machine without Node.js"},
	{"internal/config", nil, jsii, "a configuration error must not wait for Node.js"},
	{"internal/deployed", nil, jsii, "what is deployed is read on machines without Node.js"},
	{"internal/drill", nil, append(above, append(aws, jsii...)...), "it measures and reports; whoever causes the fault knows the network"},
	{"internal/drill/lab", nil, append(aws, jsii...), "it runs on machines that have neither an account nor Node.js"},
	{"internal/gateway", nil, append(aws, jsii...), "what is rendered follows from values; whoever reads AWS gives them"},
	{"internal/tunnel", nil, append(above, append(aws, jsii...)...), "it is arithmetic"},
	{"internal/diagram", nil, jsii, "a picture takes milliseconds and needs no Node.js"},
	{"internal/naming", nil, jsii, "the planner names resources before any construct exists"},
	{"internal/snapshot", nil, jsii, "templates are compared as files"},
	{"internal/probe", nil, aws, "the engine runs on any host, and in a Lambda function that must start fast"},
	{"internal/probe", nil, above, "the engine measures what it is given; whoever reads the file gives it"},
	{"internal/probe/...", nil, aws, "parts of the engine"},
	{"internal/probe/...", nil, above, "parts of the engine"},
	{"internal/pki", nil, append(above, append(aws, jsii...)...), "certificates are made wherever there is a signer"},
	{"internal/pki/...", nil, append(above, jsii...), "the command line and a Lambda keep the same register"},
	{"internal/pki/registry", nil, aws, "its objects and secrets are interfaces"},
	{"internal/pki/servercert", nil, aws, "its secrets are an interface"},
	{"internal/clientprofile", nil, append(above, append(aws, jsii...)...), "users are added and revoked wherever a PKI is kept"},
	{"test/affinitylab", nil, append(above, jsii...), "the client library is measured by itself"},
	{"test/openvpnlab", nil, jsii, "it boots what constructs would deploy, and links none of CDK"},
	{"examples/...", nil, append(above, append(aws, jsii...)...), "an example is copied, so it needs little"},
	{"bin/...", []string{"bin/pathproof"}, labs, "labs make network devices; only pathproof vpn drill --lab is asked to (ADR 0051)"},
	{"internal/problem", nil, jsii, "every pure package imports it"},
	{"internal/scaletest", nil, jsii, "it makes text"},
	{"internal/validate", nil, jsii, "validators are tested without Node.js"},
	{"internal/topology", nil, jsii, "planning takes microseconds and runs without Node.js"},
	{"internal/published", nil, append(above, jsii...), "published figures need neither networks nor Node.js"},
	{"internal/gate", nil, append(above, append(aws, jsii...)...), "constructs, Lambdas and the command line share what the gate says"},
	{"internal/lambdax", nil, append(aws, jsii...), "what every Lambda starts with is small"},
	{"internal/lambdatest", nil, append(aws, jsii...), "it runs any program as Lambda would"},
	{"internal/probeplan", nil, append(aws, jsii...), "a probe document is read by the command line and by the Lambdas"},
	{"internal/report", nil, append(above, append(aws, jsii...)...), "a report is rendered wherever a result is read, Lambdas included"},
	{"internal/vpnwatch", nil, append(above, append(aws, jsii...)...), "constructs and Lambdas share what alarms say and count"},
	{"internal/webhook", nil, append(above, append(aws, jsii...)...), "messages are made and posted without AWS; the function is around it"},
	{"internal/affinityplan", nil, append(aws, jsii...), "it is arithmetic over a file and a probe result"},
	{"internal/alarmtest", nil, append(above, append(aws, jsii...)...), "alarms are evaluated as values"},
	{"internal/slo", nil, append(above, jsii...), "objectives know neither networks nor Node.js"},
	{"internal/stats", nil, append(above, jsii...), "statistics know neither networks nor Node.js"},
	{"bin/pathproof", nil, jsii, "the command line works on a machine without Node.js"},
	{"test/e2e", nil, jsii, "it runs the real programs and links none of CDK"},
	{"bin/probe-lambda", nil, append(above, jsii...), "there is no Node.js in the Lambda runtime, and no configuration file: the gate has its own document"},
	{"bin/webhook-lambda", nil, append(above, jsii...), "there is no Node.js in the Lambda runtime, and no configuration file"},
	{"bin/resources-lambda", nil, jsii, "there is no Node.js in the Lambda runtime"},
	{"pathprooftest", nil, jsii, "a user's test that only asserts paths must not link CDK"},
	{"test/compat", nil, jsii, "what earlier versions deployed is compared as plans"},
	{"internal/machine", nil, above, "it is a part of constructs"},
	{"internal/propstest", nil, append(above, append(aws, jsii...)...), "props are tested without Node.js"},
	{"constructs/...", nil, above, "constructs are a library: they know neither the file nor the stack they come from"},
	{"internal/textgrid", nil, append(above, append(aws, jsii...)...), "it aligns text"},
	{"internal/mototest", nil, append(above, jsii...), "tests of packages that need no Node.js start it"},
	{"internal/secret", nil, append(above, append(aws, jsii...)...), "it hides texts, wherever they come from"},
	{"internal/vpn/...", nil, jsii, "tunnels are read on machines without Node.js"},
	{"internal/vpn", nil, jsii, "tunnels are read on machines without Node.js"},
	{"internal/bgpstate", nil, append(above, append(aws, jsii...)...), "what a gateway prints is read without an account"},
	{"...", []string{"bin/resources-lambda", "bin/pathproof", "internal/vpn", "internal/vpn/...", "internal/amazonlinux/images", "internal/pki/vpnendpoint"}, ec2SDK, "it takes long to compile and 3 GB (docs/adr/0053): where tunnels are read, images looked up and lists brought to Client VPN, and nowhere else"},
}

// Only these packages import the configuration themselves; everything else gets values.
var mayImportConfig = []string{"bin/...", "internal/affinityplan", "internal/change", "internal/check", "internal/config", "internal/diagram", "internal/planview", "internal/probeplan", "internal/topology", "pathprooftest", "stacks", "test"}

func TestDeps_BannedImports(t *testing.T) {
	for _, rule := range neverReach {
		matched := 0
		for _, p := range packages(t) {
			if !matches(rule.packages, p) || slices.ContainsFunc(rule.except, func(e string) bool { return matches(e, p) }) {
				continue
			}
			matched++
			if found := firstBanned(reach(t, p), rule.banned); found != "" {
				t.Errorf("%s reaches %s: %s", p.ImportPath, found, rule.why)
			}
		}
		if matched == 0 {
			t.Errorf("the rule for %s matches no package; was it renamed?", rule.packages)
		}
	}
}

// The client library's core links the standard library and golang.org/x, and nothing else, tests apart.
func TestDeps_TheClientLibraryIsSmall(t *testing.T) {
	edge := []string{"affinity/affinityotel", "affinity/affinitygrpc", "affinity/discover/cloudmap"}
	checked := 0
	for _, p := range packages(t) {
		if !matches("affinity", p) && !matches("affinity/...", p) || slices.ContainsFunc(edge, func(e string) bool { return matches(e, p) }) {
			continue
		}
		checked++
		for _, d := range p.Deps {
			host, _, _ := strings.Cut(d, "/")
			if strings.Contains(host, ".") && !strings.HasPrefix(d, "golang.org/x/") && !strings.HasPrefix(d, module+"/affinity") {
				t.Errorf("%s reaches %s: it may link the standard library and golang.org/x only", p.ImportPath, d)
			}
		}
	}
	if checked < 5 {
		t.Errorf("%d packages of the client library were checked; were they renamed?", checked)
	}
}

// A rule whose exception does not need it is out of date, and a prefix nobody imports would ban nothing.
func TestDeps_ExceptionsAndPrefixesAreReal(t *testing.T) {
	for _, want := range []struct {
		pkg    string
		prefix string
	}{
		{"bin/resources-lambda", ec2SDK[0]},
		{"bin/pathproof", ec2SDK[0]},
		{"internal/vpn", ec2SDK[0]},
		{"internal/amazonlinux/images", ec2SDK[0]},
		{"bin/pathproof", ec2SDK[0]},
		{"stacks", jsii[0]},
		{"stacks", jsii[1]},
		{"stacks", jsii[2]},
		{"internal/topology", config[0]},
		{"bin/resources-lambda", aws[0]},
		{"affinity/affinityotel", edges[0]},
		{"affinity/affinitygrpc", edges[1]},
		{"affinity/affinitygrpc", edges[2]},
		{"affinity/discover/cloudmap", aws[0]},
	} {
		i := slices.IndexFunc(packages(t), func(p *pkg) bool { return matches(want.pkg, p) })
		if i < 0 {
			t.Errorf("there is no package %s", want.pkg)
		} else if firstBanned(packages(t)[i].Deps, []string{want.prefix}) == "" {
			t.Errorf("%s does not reach %s any more; bring the rules up to date", want.pkg, want.prefix)
		}
	}
}

func TestDeps_OnlyTheEdgeImportsTheConfiguration(t *testing.T) {
	for _, p := range packages(t) {
		if slices.ContainsFunc(mayImportConfig, func(m string) bool { return matches(m, p) }) {
			continue
		}
		if firstBanned(p.Imports, config) != "" {
			t.Errorf("%s imports internal/config; give it the values it needs instead", p.ImportPath)
		}
	}
}

func TestDeps_EveryPackageIsDocumented(t *testing.T) {
	for _, p := range packages(t) {
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s has no package comment; say in one sentence what it is for", p.ImportPath)
		}
	}
}

// pkg is what `go list -json` says about a package; Deps are all packages it imports, directly or not, without tests.
type pkg struct {
	ImportPath, Doc                                   string
	GoFiles, Imports, Deps, TestImports, XTestImports []string
}

// packages lists the module's packages with one call of the go command.
func packages(t *testing.T) []*pkg {
	t.Helper()
	list, err := listPackages()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

var listPackages = sync.OnceValues(func() ([]*pkg, error) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Doc,GoFiles,Imports,Deps,TestImports,XTestImports", "./...")
	cmd.Dir = ".."
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, errors.Join(err, errors.New(stderr.String()))
	}
	var list []*pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		p := &pkg{}
		if err := dec.Decode(p); errors.Is(err, io.EOF) {
			return list, nil
		} else if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
})

// reach returns everything a package or its tests import, directly or through packages of this module.
func reach(t *testing.T, p *pkg) []string {
	all := slices.Clone(p.Deps)
	for _, path := range slices.Concat(p.TestImports, p.XTestImports) {
		all = append(all, path)
		for _, q := range packages(t) {
			if q.ImportPath == path {
				all = append(all, q.Deps...)
			}
		}
	}
	return all
}

func matches(pattern string, p *pkg) bool {
	if below, ok := strings.CutSuffix(pattern, "..."); ok {
		return strings.HasPrefix(p.ImportPath, module+"/"+below)
	}
	return p.ImportPath == module+"/"+pattern
}

func firstBanned(paths, banned []string) string {
	for _, path := range paths {
		for _, prefix := range banned {
			if path == prefix || strings.HasPrefix(path, prefix+"/") {
				return path
			}
		}
	}
	return ""
}
