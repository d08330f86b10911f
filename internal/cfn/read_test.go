package cfn

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// snapshots are the reference network's templates, as Read wants them.
func snapshots(t testing.TB) map[string]Source {
	t.Helper()
	files, err := filepath.Glob("../../test/testdata/snapshots/reference/*.template.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no snapshots: %v", err)
	}
	sources := map[string]Source{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(f), ".template.json")
		region := regexp.MustCompile(`[a-z]+-[a-z]+-[0-9]$`).FindString(name)
		if region == "" { // a peering, which is in its requester's Region
			region = map[string]string{"reference-peer-seoul-tokyo": "ap-northeast-1", "reference-peer-web-edge": "ap-northeast-2"}[name]
		}
		sources[name] = Source{Region: region, Template: b}
	}
	return sources
}

// TestRead_ReferenceNetwork asserts that everything in the snapshots is understood: every type is known and every value
// that passes between stacks is traced to its producer.
func TestRead_ReferenceNetwork(t *testing.T) {
	stacks, err := Read(snapshots(t))
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, s := range stacks {
		for _, r := range s.Resources {
			ids[s.Name+"/"+r.LogicalID] = true
		}
	}
	strong, weak := 0, 0
	for _, s := range stacks {
		for _, r := range s.Resources {
			if !Known(r.Type) {
				t.Errorf("%s/%s: %s is not known", s.Name, r.LogicalID, r.Type)
			}
			for p, v := range r.Properties {
				if strings.Contains(v, "{?") {
					t.Errorf("%s/%s: %s is not resolved: %s", s.Name, r.LogicalID, p, v)
				}
			}
			for _, u := range r.Uses {
				if !ids[u.producer().ID().String()] || u.producer().stack == s.Name {
					t.Errorf("%s/%s uses %+v, which is not a resource of another stack", s.Name, r.LogicalID, u)
				}
				if u.Strong {
					strong++
				} else {
					weak++
				}
			}
		}
	}
	if strong == 0 || weak == 0 {
		t.Errorf("%d strong and %d weak uses: the test looks at the wrong place", strong, weak)
	}
	var names []string
	for _, s := range stacks {
		names = append(names, s.Name)
	}
	for i, name := range names {
		if strings.Contains(name, "-peer-") && slicesIndexPrefix(names, "reference-routes") < i {
			t.Errorf("routes come before the peering they read: %v", names)
		}
	}
	if c := Compare(stacks, stacks); len(c.Resources)+len(c.Moves)+len(c.Collisions)+len(c.Broken)+len(c.Orphans) != 0 {
		t.Errorf("compared with itself: %+v", c)
	}
}

func slicesIndexPrefix(list []string, prefix string) int {
	for i, s := range list {
		if strings.HasPrefix(s, prefix) {
			return i
		}
	}
	return len(list)
}

// property reads one property of one resource in stack s, beside the stack producer.
func property(t *testing.T, value string) (got string, uses []Use) {
	t.Helper()
	const producer = `{"Resources": {"Vpc": {"Type": "AWS::EC2::VPC"}}, "Outputs": {
		"Ref": {"Value": {"Ref": "Vpc"}, "Export": {"Name": "producer:ExportsOutputRefVpc"}},
		"Att": {"Value": {"Fn::GetAtt": ["Vpc", "CidrBlock"]}, "Export": {"Name": {"Fn::Sub": "${AWS::StackName}:Att"}}},
		"Joined": {"Value": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":", {"Ref": "Vpc"}]]}, "Export": {"Name": {"Fn::Join": [":", ["producer", "Joined"]]}}},
		"Literal": {"Value": 7, "Export": {"Name": "seven"}}}}`
	stacks, err := Read(map[string]Source{
		"producer": {Region: "eu-west-1", Template: []byte(producer)},
		"s": {Region: "eu-west-1", Template: []byte(`{"Resources": {"X": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": ` + value + `}}},
			"Outputs": {"Own": {"Value": {"Ref": "X"}}}}`)},
		"other": {Region: "us-east-1", Template: []byte(`{"Resources": {}, "Outputs": {"O": {"Value": "of another Region", "Export": {"Name": "producer:ExportsOutputRefVpc"}}}}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := stacks[slices.IndexFunc(stacks, func(s *Stack) bool { return s.Name == "s" })].Resources[0]
	v, ok := r.Properties["VpcId"]
	if !ok {
		v = "(none)"
	}
	return v, r.Uses
}

var (
	strong = []Use{{"producer/Vpc", true}}
	weak   = []Use{{"producer/Vpc", false}}
)

var canonicalValues = []struct {
	value, want string
	uses        []Use
}{
	{`"vpc-1"`, "vpc-1", nil},
	{`10`, "10", nil},
	{`1.50`, "1.50", nil},
	{`true`, "true", nil},
	{`null`, "(none)", nil},
	{`{"Ref": "AWS::NoValue"}`, "(none)", nil},
	{`{"Ref": "Vpc"}`, "{s/Vpc}", nil},
	{`{"Ref": "AWS::Region"}`, "{AWS::Region}", nil},
	{`{"Fn::GetAtt": ["Nlb", "DNSName"]}`, "{s/Nlb.DNSName}", nil},
	{`{"Fn::GetAtt": "Stack.Outputs.Name"}`, "{s/Stack.Outputs.Name}", nil},
	{`{"Fn::Join": ["-", ["a", {"Ref": "B"}, 3, {"Ref": "AWS::NoValue"}]]}`, "a-{s/B}-3", nil},
	{`{"Fn::Sub": "a ${B} ${C.Arn} ${AWS::AccountId} ${!D} ${open"}`, "a {s/B} {s/C.Arn} {AWS::AccountId} ${D} ${open", nil},
	{`{"Fn::Sub": ["${X}-${Y}", {"X": {"Ref": "B"}}]}`, "{s/B}-{s/Y}", nil},
	{`{"Fn::ImportValue": "producer:ExportsOutputRefVpc"}`, "{producer/Vpc}", strong},
	{`{"Fn::ImportValue": {"Fn::Sub": "producer:ExportsOutputRefVpc"}}`, "{producer/Vpc}", strong},
	{`{"Fn::ImportValue": {"Fn::Join": [":", ["producer", "Att"]]}}`, "{producer/Vpc.CidrBlock}", []Use{{"producer/Vpc.CidrBlock", true}}},
	{`{"Fn::ImportValue": "producer:Joined"}`, "arn:{AWS::Partition}:{producer/Vpc}", strong},
	{`{"Fn::ImportValue": "seven"}`, "7", nil},
	{`{"Fn::ImportValue": "missing"}`, "{?Fn::ImportValue missing}", nil},
	{`{"Fn::GetStackOutput": {"StackName": "producer", "OutputName": "Ref", "Region": "eu-west-1"}}`, "{producer/Vpc}", weak},
	{`{"Fn::GetStackOutput": {"StackName": "producer", "OutputName": "Ref", "Region": {"Ref": "AWS::Region"}}}`, "{producer/Vpc}", weak},
	{`{"Fn::GetStackOutput": {"StackName": "producer", "OutputName": "Ref"}}`, "{producer/Vpc}", weak},
	{`{"Fn::GetStackOutput": {"StackName": "producer", "OutputName": "Ref", "Region": "us-east-1"}}`, "{?Fn::GetStackOutput us-east-1/producer.Ref}", nil},
	{`{"Fn::GetStackOutput": {"StackName": "producer", "OutputName": "None"}}`, "{?Fn::GetStackOutput eu-west-1/producer.None}", nil},
	{`{"Fn::GetStackOutput": {"StackName": {"Ref": "AWS::StackName"}, "OutputName": "Own"}}`, "{s/X}", nil},
	{`["b", 1, {"Ref": "C"}]`, `["b","1","{s/C}"]`, nil},
	{`{"b": 1, "a": [true], "c": "<&>", "d": {"Ref": "AWS::NoValue"}}`, `{"a":["true"],"b":"1","c":"<&>"}`, nil},
	{`{"Fn::Select": [0, {"Fn::GetAtt": ["A", "B"]}]}`, `{"Fn::Select":["0","{s/A.B}"]}`, nil},
	{`{"Fn::Join": [",", {"Fn::GetAtt": ["A", "List"]}]}`, `{"Fn::Join":[",","{s/A.List}"]}`, nil},
	{`{"Ref": ["not", "text"]}`, `{"Ref":["not","text"]}`, nil},
}

func TestRead_CanonicalValues(t *testing.T) {
	for _, c := range canonicalValues {
		got, uses := property(t, c.value)
		if got != c.want || !slices.Equal(uses, c.uses) {
			t.Errorf("%s\n got %s %v\nwant %s %v", c.value, got, uses, c.want, c.uses)
		}
	}
}

func TestRead_NestedProperties(t *testing.T) {
	stacks, err := Read(map[string]Source{"s": {Template: []byte(`{"Resources": {
		"A": {"Type": "AWS::EC2::VPCEndpoint", "Properties": {"DnsOptions": {"PrivateDnsPreference": "x", "DnsRecordIpType": "ipv4"}}},
		"B": {"Type": "AWS::EC2::VPCEndpoint", "Properties": {"DnsOptions": {"Fn::If": ["C", {"PrivateDnsPreference": "x"}, {"Ref": "AWS::NoValue"}]}}},
		"C": {"Type": "AWS::EC2::TransitGatewayConnectPeer", "Properties": {"ConnectPeerConfiguration": {"BgpConfigurations": [{"PeerAsn": 1}, {"PeerAsn": 2}]}}},
		"D": {"Type": "AWS::EC2::EIP", "DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain", "Properties": {"Tags": []}}}}`)}})
	if err != nil {
		t.Fatal(err)
	}
	r := stacks[0].Resources
	conditional := `{"Fn::If":["C",{"PrivateDnsPreference":"x"}]}`
	for i, want := range []map[string]string{
		{"DnsOptions.PrivateDnsPreference": "x"},
		{"DnsOptions.PrivateDnsPreference": conditional, "DnsOptions.PrivateDnsSpecifiedDomains": conditional},
		nil,
		{},
	} {
		if want != nil && !maps.Equal(r[i].Properties, want) {
			t.Errorf("%s: got %v, want %v", r[i].LogicalID, r[i].Properties, want)
		}
	}
	all := map[string]any{"A": []any{map[string]any{"B": "1"}, map[string]any{"B": "2"}, "x"}}
	if got := Canonical(lookUp(all, "A.*.B")); got != `["1","2"]` {
		t.Errorf("A.*.B: got %s", got)
	}
	if r[3].DeletionPolicy != "RetainExceptOnCreate" || r[3].UpdateReplacePolicy != "Retain" {
		t.Errorf("policies: got %+v", r[3])
	}
}

func TestRead_OutputsThatReferToEachOther(t *testing.T) {
	loop := func(other string) Source {
		return Source{Template: []byte(`{"Resources": {}, "Outputs": {"O": {"Value": {"Fn::GetStackOutput": {"StackName": "` + other + `", "OutputName": "O"}}}}}`)}
	}
	stacks, err := Read(map[string]Source{"a": loop("b"), "b": loop("a")})
	if err != nil || !strings.Contains(stacks[0].Outputs[0].Value, "{?Fn::GetStackOutput") {
		t.Errorf("got %+v, %v", stacks, err)
	}
}

func TestRead_ProducersComeFirst(t *testing.T) {
	reads := func(of string) Source {
		return Source{Template: []byte(`{"Resources": {"X": {"Type": "AWS::SSM::Parameter", "Properties": {"Value": {"Fn::ImportValue": "` + of + `"}}}},
			"Outputs": {"O": {"Value": {"Ref": "X"}, "Export": {"Name": {"Ref": "AWS::StackName"}}}}}`)}
	}
	stacks, err := Read(map[string]Source{"a": reads("z"), "z": reads("m"), "m": reads("nobody"), "b": reads("nobody"), "p": reads("q"), "q": reads("p")})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range stacks {
		got = append(got, s.Name)
	}
	if want := []string{"b", "m", "z", "a", "p", "q"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRead_Errors(t *testing.T) {
	_, err := Read(map[string]Source{
		"cut.json":   {Template: []byte(`{"Resources": {`)},
		"more.json":  {Template: []byte(`{} {}`)},
		"yaml":       {Template: []byte(`Resources:`)},
		"twice.json": {Name: "again", Template: []byte(`{}`)},
		"again":      {Template: []byte(`{"Resources": {"A": {}, "B": null}}`)},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"cut.json: not a CloudFormation template in JSON", "more.json: ", "yaml: ", "again: resource A has no type", "again: resource B has no type",
		"twice.json: a second template for stack again"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in:\n%v", want, err)
		}
	}
}
