package pathprooftest_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/pathprooftest"
)

// The flag of this test binary, as users declare it. Tests of this package set it themselves.
var update = flag.Bool("update", false, "not for this package: its tests write snapshots to temporary folders")

// snapshots takes snapshots of an app in a folder of their own, which is the test's working folder from then on.
func snapshots(t *testing.T, a app) {
	t.Helper()
	t.Chdir(t.TempDir())
	if got := updated(t, func(t testing.TB) { pathprooftest.Snapshot(t, a.synth(t), "snapshots") }); got != nil {
		t.Fatalf("got %q", got)
	}
}

// updated runs a test with -update.
func updated(t *testing.T, test func(testing.TB)) []string {
	t.Helper()
	*update = true
	defer func() { *update = false }()
	return said(t, test)
}

func saidBySnapshot(t *testing.T, a app, stacks ...string) []string {
	t.Helper()
	return said(t, func(t testing.TB) { pathprooftest.Snapshot(t, a.synth(t), "snapshots", stacks...) })
}

func TestSnapshot_Equal(t *testing.T) {
	snapshots(t, newApp())
	want(t, saidBySnapshot(t, newApp()))
	// Other code, other order and other white space are no difference.
	text, err := os.ReadFile("snapshots/app.template.json")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), `"S3Key": "asset-hash.zip"`) {
		t.Errorf("the hash of an asset is not left out:\n%s", text)
	}
	write(t, "snapshots/app.template.json", strings.ReplaceAll(string(text), "\n", ""))
	want(t, saidBySnapshot(t, newApp()))
}

// Only what the app's list of assets names is taken for one: another digest in a template counts.
func TestSnapshot_FailsWhenADigestDiffers(t *testing.T) {
	digest := strings.Repeat("ab", 32)
	a := newApp().with(t, "app", `"Timeout": 3`, `"Description": "`+digest+`", "Timeout": 3`)
	snapshots(t, a)
	want(t, saidBySnapshot(t, a.with(t, "app", digest, strings.Repeat("cd", 32))),
		`error: stack app differs from snapshots/app.template.json:
  ~ AWS::Lambda::Function Function
      Description: "abababababababababababababababababababababababababababababababab" -> "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
if that is right, rewrite it with go test -run '^TestNetwork$' -update`)
}

func TestSnapshot_Fails(t *testing.T) {
	const rewrite = "\nif that is right, rewrite it with go test -run '^TestNetwork$' -update"
	for name, c := range map[string]struct {
		old, now string // in stack net
		want     string
	}{
		"a replacement, and who follows": {`"172.16.0.0/16"`, `"172.17.0.0/16"`, `
  ~ AWS::EC2::VPC Vpc: would be replaced, CidrBlock cannot change in place
      CidrBlock: "172.16.0.0/16" -> "172.17.0.0/16"
  replaced along with what they refer to: Subnet`},
		"a replacement that depends": {`"EnableDnsSupport": true`, `"EnableDnsSupport": true, "InstanceTenancy": "dedicated"`, `
  ~ AWS::EC2::VPC Vpc: may be replaced, InstanceTenancy can change in place only under conditions
      InstanceTenancy: none -> "dedicated"
  replaced along with what they refer to: Subnet`},
		"what CloudFormation refuses": {`"ServiceToken": "arn:1"`, `"ServiceToken": "arn:2"`, `
  ~ Custom::Thing Custom: CloudFormation would refuse to change ServiceToken
      ServiceToken: "arn:1" -> "arn:2"`},
		"an update in place": {`"EnableDnsSupport": true`, `"EnableDnsSupport": false`, `
  ~ AWS::EC2::VPC Vpc
      EnableDnsSupport: true -> false`},
		"deep inside": {`"Effect": "Allow"`, `"Effect": "Deny"`, `
  ~ AWS::KMS::Key Key
      KeyPolicy.Statement[0].Effect: "Allow" -> "Deny"`},
		"a longer list": {`[{"Key": "Name", "Value": "app"}]`, `[{"Key": "Env", "Value": "<prod>"}, {"Key": "Name", "Value": "app"}]`, `
  ~ AWS::EC2::VPC Vpc
      Tags: none -> {"Key":"Env","Value":"<prod>"}`},
		"a policy beside the properties": {`"DeletionPolicy": "Retain"`, `"DeletionPolicy": "Delete"`, `
  ~ AWS::KMS::Key Key
      DeletionPolicy: "Retain" -> "Delete"`},
		"a new resource": {`"Subnet": {`, `"Gateway": {"Type": "AWS::EC2::InternetGateway"}, "Subnet": {`, `
  + AWS::EC2::InternetGateway Gateway`},
		"a resource that is gone": {`"Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "172.16.0.0/20"}},`, "", `
  - AWS::EC2::Subnet Subnet`},
		"another logical id": {`"Key": {"Type"`, `"Key2": {"Type"`, `
  - AWS::KMS::Key Key: would be left behind in the account
  + AWS::KMS::Key Key2`},
		"another type": {`"AWS::EC2::Subnet"`, `"AWS::EC2::RouteTable"`, `
  ~ AWS::EC2::Subnet Subnet: CloudFormation would refuse another type under the same logical id
      Type: "AWS::EC2::Subnet" -> "AWS::EC2::RouteTable"`},
		"an output": {`"Name": "net:Vpc"`, `"Name": "net:Network"`, `
  ~ Outputs.VpcId.Export.Name: "net:Vpc" -> "net:Network"`},
		"a section that is gone": {`"Outputs": {"VpcId": {"Value": {"Ref": "Vpc"}, "Export": {"Name": "net:Vpc"}}}`, `"Mappings": {"M": {"a": "b"}}`, `
  ~ Mappings.M: none -> {"a":"b"}
  ~ Outputs.VpcId: {"Export":{"Name":"net:Vpc"},"Value":{"Ref":"Vpc"}} -> none`},
		"a new section": {`"Outputs"`, `"Description": "hub", "Outputs"`, `
  ~ Description: none -> "hub"`},
	} {
		t.Run(name, func(t *testing.T) {
			snapshots(t, newApp())
			want(t, saidBySnapshot(t, newApp().with(t, "net", c.old, c.now)), "error: stack net differs from snapshots/net.template.json:"+c.want+rewrite)
		})
	}
}

func TestSnapshot_FailsWithTheDifferingPartOfALongValue(t *testing.T) {
	code := strings.Repeat("x", 1000)
	a := newApp().with(t, "app", `"S3Key": "`+hash+`.zip"`, `"ZipFile": "`+code+`1`+code+`"`)
	snapshots(t, a)
	got := strings.Join(saidBySnapshot(t, a.with(t, "app", "x1x", "x2x")), "")
	line := "      Code.ZipFile: ..." + code[:40] + "1" + code[:159] + "... -> ..." + code[:40] + "2" + code[:159] + "...\n"
	if !strings.Contains(got, line) {
		t.Errorf("got\n%s\nwant\n%s", got, line)
	}
}

// What replaces a resource of one stack may stand in another.
func TestSnapshot_FollowsReplacementsBetweenStacks(t *testing.T) {
	snapshots(t, newApp())
	now := newApp().with(t, "net", `"172.16.0.0/16"`, `"172.17.0.0/16"`).with(t, "app", `"GroupDescription": "app"`, `"GroupDescription": "app", "Tags": []`)
	want(t, saidBySnapshot(t, now, "app"), `error: stack app differs from snapshots/app.template.json:
  ~ AWS::EC2::SecurityGroup Group: would be replaced, VpcId (of Vpc) cannot change in place
      Tags: none -> []
if that is right, rewrite it with go test -run '^TestNetwork$' -update`)
}

func TestSnapshot_StacksComeAndGo(t *testing.T) {
	snapshots(t, newApp().without("app"))
	now := newApp().without("net")
	want(t, saidBySnapshot(t, now),
		"error: no snapshot of stack app; write snapshots/app.template.json with go test -run '^TestNetwork$' -update, and look at it",
		"error: the app does not have stack net of snapshots/net.template.json any more; if that is right, delete the file or run go test -run '^TestNetwork$' -update")
	want(t, updated(t, func(t testing.TB) { pathprooftest.Snapshot(t, now.synth(t), "snapshots") }))
	want(t, saidBySnapshot(t, now))
	want(t, files(t), "snapshots/app.template.json")
}

func TestSnapshot_OfSomeStacks(t *testing.T) {
	snapshots(t, newApp())
	now := newApp().with(t, "net", "172.16.0.0/16", "172.17.0.0/16").with(t, "app", `"Timeout": 3`, `"Timeout": 4`)
	if got := saidBySnapshot(t, now, "app"); len(got) != 1 || !strings.HasPrefix(got[0], "error: stack app differs") {
		t.Errorf("got %q", got)
	}
	want(t, updated(t, func(t testing.TB) { pathprooftest.Snapshot(t, now.synth(t), "snapshots", "app") }))
	want(t, saidBySnapshot(t, now, "app"))
	if got := saidBySnapshot(t, now); len(got) != 1 || !strings.HasPrefix(got[0], "error: stack net differs") {
		t.Errorf("got %q", got)
	}
	only := newApp().without("net") // names all of an app's stacks, and still no others are deleted
	want(t, updated(t, func(t testing.TB) { pathprooftest.Snapshot(t, only.synth(t), "snapshots", "app") }))
	want(t, files(t), "snapshots/app.template.json", "snapshots/net.template.json")
	want(t, saidBySnapshot(t, now, "ap"), "fatal: the app has no stack ap; it has app, net")
}

// A stage's stacks are in a folder of their own, and stacks of two Regions may share a name.
func TestSnapshot_Stages(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "out/manifest.json", `{"artifacts": {}}`)
	write(t, "out/assembly-Prod/manifest.json", `{"artifacts": {
		"ProdA": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/eu-west-1", "properties": {"templateFile": "ProdA.template.json", "stackName": "net"}},
		"ProdB": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/eu-west-2", "properties": {"templateFile": "ProdB.template.json", "stackName": "net"}}}}`)
	write(t, "out/assembly-Prod/ProdA.template.json", netTemplate)
	write(t, "out/assembly-Prod/ProdB.template.json", netTemplate)
	want(t, updated(t, func(t testing.TB) { pathprooftest.Snapshot(t, "out", "snapshots") }))
	want(t, files(t), "snapshots/assembly-Prod/ProdA.template.json", "snapshots/assembly-Prod/ProdB.template.json")
	want(t, said(t, func(t testing.TB) { pathprooftest.Snapshot(t, "out", "snapshots") }))
	write(t, "out/assembly-Prod/ProdB.template.json", strings.Replace(netTemplate, "172.16.0.0/16", "172.17.0.0/16", 1))
	want(t, said(t, func(t testing.TB) { pathprooftest.KeepsProtected(t, "out", "snapshots") }),
		`error: VPC assembly-Prod-ProdB/Vpc would be replaced, CidrBlock "172.16.0.0/16" -> "172.17.0.0/16"; take that back, or allow it: KeepsProtected(..., "assembly-Prod-ProdB/Vpc")`)
}

// A nested stack's template is a file beside the others. What it gets from its parent passes as a parameter.
func TestSnapshot_NestedStacks(t *testing.T) {
	a := newApp()
	a["netInner7A31.nested"] = `{"Resources": {"Inner": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}}}`
	snapshots(t, a)
	now := a.with(t, "netInner7A31.nested", "10.0.0.0/16", "10.1.0.0/16")
	if got := saidBySnapshot(t, now); len(got) != 1 || !strings.Contains(got[0], "\n  ~ AWS::EC2::VPC Inner: would be replaced, CidrBlock cannot change in place\n") {
		t.Errorf("got %q", got)
	}
	if got := keeps(t, now); len(got) != 1 || !strings.HasPrefix(got[0], `error: VPC netInner7A31-nested/Inner would be replaced, CidrBlock "10.0.0.0/16" -> "10.1.0.0/16"; `) {
		t.Errorf("got %q", got)
	}
}

// What the CDK CLI adds for its statistics is not in the templates of a test.
func TestSnapshot_LeavesOutTheListOfConstructs(t *testing.T) {
	snapshots(t, newApp())
	a := newApp().with(t, "net", `"Resources": {`, `"Conditions": {"CDKMetadataAvailable": {}}, "Resources": {"CDKMetadata": {"Type": "AWS::CDK::Metadata", "Condition": "CDKMetadataAvailable"},`)
	want(t, saidBySnapshot(t, a))
}

func TestSnapshot_UpdatesByEnvironment(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("PATHPROOF_UPDATE", "1")
	want(t, saidBySnapshot(t, newApp()))
	want(t, files(t), "snapshots/app.template.json", "snapshots/net.template.json")
	t.Setenv("PATHPROOF_UPDATE", "yes")
	want(t, saidBySnapshot(t, newApp()), `fatal: PATHPROOF_UPDATE: not a boolean, got "yes"; set it to 1 or leave it out`)
}

func TestSnapshot_FailsWithoutTemplates(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "out/manifest.json", `{}`)
	want(t, said(t, func(t testing.TB) { pathprooftest.Snapshot(t, "out", "snapshots") }),
		"fatal: out: no manifest.json or no templates; give the folder that the app has synthesized to")
	write(t, "out/net.template.json", "{}")
	write(t, "snapshots/net.template.json", "<<<<<<< HEAD")
	want(t, said(t, func(t testing.TB) { pathprooftest.Snapshot(t, "out", "snapshots") }),
		"fatal: snapshots/net.template.json: not a CloudFormation template in JSON: invalid character '<' looking for beginning of value; delete the file, and write the snapshots again")
}

// files lists what is in the folder of snapshots; nothing temporary may be left there.
func files(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir("snapshots", func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}
