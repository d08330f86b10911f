package test

import (
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/constructs-go/constructs/v10"

	"github.com/pathproof/pathproof/constructs/latencyprobe"
	"github.com/pathproof/pathproof/constructs/network"
	"github.com/pathproof/pathproof/internal/cdktest"
)

// targetProps has a program of nothing but the header of one for arm64, and of more if a test wants another.
func targetProps(t *testing.T, edit func(*latencyprobe.TargetProps)) *latencyprobe.TargetProps {
	t.Helper()
	p := &latencyprobe.TargetProps{Program: armProgram(t, ""), ImageID: "ami-0123456789abcdef0", ZoneID: "apne2-az1", SubnetId: new("subnet-0123456789abcdef0"),
		PrivateIP: netip.MustParseAddr("172.16.16.10"), SecurityGroupIds: []*string{new("sg-0123456789abcdef0")}}
	if edit != nil {
		edit(p)
	}
	return p
}

func armProgram(t *testing.T, more string) string {
	t.Helper()
	header := make([]byte, 64)
	copy(header, "\x7fELF\x02\x01\x01")
	header[16], header[18], header[20] = 2, 183, 1
	header[52], header[54], header[58] = 64, 56, 64
	file := filepath.Join(t.TempDir(), "pathproof")
	if err := os.WriteFile(file, append(header, more...), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestTarget_IsClosedSmallAndFixed(t *testing.T) {
	app := cdktest.NewApp(t)
	latencyprobe.NewTarget(app.Stack("ops", seoul), "T", targetProps(t, nil))
	tpl := app.Template(t, "ops")
	instance := tpl.Has(t, "AWS::EC2::Instance", m{"InstanceType": "t4g.nano", "ImageId": "ami-0123456789abcdef0", "PrivateIpAddress": "172.16.16.10",
		"SubnetId": "subnet-0123456789abcdef0", "SecurityGroupIds": []string{"sg-0123456789abcdef0"}, "Monitoring": false, "KeyName": cdktest.Absent,
		"MetadataOptions":     m{"HttpEndpoint": "enabled", "HttpTokens": "required", "HttpPutResponseHopLimit": 1},
		"BlockDeviceMappings": []m{{"DeviceName": "/dev/xvda", "Ebs": m{"Encrypted": true, "VolumeType": "gp3"}}}})
	tpl.Count(t, "AWS::EC2::SecurityGroup", 0)
	tpl.Count(t, "AWS::EC2::SecurityGroupIngress", 0)
	wait := tpl.ByType("AWS::CloudFormation::WaitCondition")
	if len(wait) != 1 {
		t.Fatalf("%d wait conditions", len(wait))
	}
	tpl.DependsOnAll(t, wait[0], instance)
}

// The role reads exactly the object that the script fetches.
func TestTarget_MayReadItsProgramAndNothingElse(t *testing.T) {
	app := cdktest.NewApp(t)
	latencyprobe.NewTarget(app.Stack("ops", seoul), "T", targetProps(t, func(p *latencyprobe.TargetProps) { p.AssetKeyArn = new("arn:aws:kms:::key/1") }))
	tpl := app.Template(t, "ops")
	role := tpl.Resources[logical("T/Role")].Properties
	if _, managed := role["ManagedPolicyArns"]; managed {
		t.Error("the role has managed policies")
	}
	statements := role["Policies"].([]any)[0].(m)["PolicyDocument"].(m)["Statement"].([]any)
	var key string
	parts, _ := json.Marshal(tpl.Resources[logical("T/Instance")].Properties["UserData"])
	if _, after, ok := strings.Cut(string(parts), "--key '"); ok {
		key, _, _ = strings.Cut(after, "'")
	}
	text, _ := json.Marshal(statements[0].(m)["Resource"])
	if fetched := string(text); key == "" || !strings.Contains(fetched, `"/","`+key+`"`) || strings.Contains(fetched, "*") {
		t.Errorf("may read %s, fetches %q", fetched, key)
	}
	if diff := cdktest.Match([]m{{"Action": []string{"s3:GetObject"}},
		{"Action": []string{"ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
			"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"}},
		{"Action": []string{"kms:Decrypt"}, "Resource": []string{"arn:aws:kms:::key/1"}}}, statements); diff != nil {
		t.Error(diff)
	}
}

// A wait condition waits once, so whatever boots the instance anew needs another one; nothing else does.
func TestTarget_WaitsForEachNewBoot(t *testing.T) {
	wait := func(edit func(*latencyprobe.TargetProps)) string {
		app := cdktest.NewApp(t)
		latencyprobe.NewTarget(app.Stack("ops", seoul), "T", targetProps(t, edit))
		return strings.Join(app.Template(t, "ops").ByType("AWS::CloudFormation::WaitCondition"), " ")
	}
	first := wait(nil)
	for name, edit := range map[string]func(*latencyprobe.TargetProps){
		"program": func(p *latencyprobe.TargetProps) { p.Program = armProgram(t, "more") },
		"image":   func(p *latencyprobe.TargetProps) { p.ImageID = "ami-0123456789abcdef1" },
		"type":    func(p *latencyprobe.TargetProps) { p.InstanceType = "t4g.micro" },
		"address": func(p *latencyprobe.TargetProps) { p.PrivateIP = netip.MustParseAddr("172.16.16.11") },
		"port":    func(p *latencyprobe.TargetProps) { p.Port = 7008 },
	} {
		if wait(edit) == first {
			t.Errorf("another %s, the same wait condition", name)
		}
	}
	if got := wait(func(p *latencyprobe.TargetProps) { p.SecurityGroupIds = []*string{new("sg-0123456789abcdef1")} }); got != first {
		t.Errorf("other security groups boot nothing, but the wait condition is %s, was %s", got, first)
	}
}

func TestTarget_ComesAfterItsWayToS3(t *testing.T) {
	app := cdktest.NewApp(t)
	s := app.Stack("ops", seoul)
	p := perZone(network.EgressNone)
	p.GatewayEndpoints = []string{"s3"}
	n := network.NewNetwork(s, "Network-app", p)
	latencyprobe.NewTarget(s, "T", targetProps(t, func(p *latencyprobe.TargetProps) {
		p.SubnetId, p.DependsOn = n.SubnetId("private", "apne2-az1"), []constructs.IDependable{n}
	}))
	tpl := app.Template(t, "ops")
	endpoints := tpl.ByType("AWS::EC2::VPCEndpoint")
	if len(endpoints) != 1 {
		t.Fatalf("%d endpoints", len(endpoints))
	}
	tpl.DependsOnAll(t, logical("T/Instance"), endpoints[0])
}
