package pathprooftest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A small app: stack net holds a VPC with a subnet and a key, stack app a security group in the VPC and an address.
const (
	hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

	netTemplate = `{
 "Resources": {
  "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "172.16.0.0/16", "EnableDnsSupport": true, "Tags": [{"Key": "Name", "Value": "app"}]}},
  "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "172.16.0.0/20"}},
  "Key": {"Type": "AWS::KMS::Key", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": {"KeyPolicy": {"Statement": [{"Effect": "Allow"}]}}},
  "Custom": {"Type": "Custom::Thing", "Properties": {"ServiceToken": "arn:1"}}
 },
 "Outputs": {"VpcId": {"Value": {"Ref": "Vpc"}, "Export": {"Name": "net:Vpc"}}}
}`
	appTemplate = `{
 "Resources": {
  "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "app", "VpcId": {"Fn::ImportValue": "net:Vpc"}}},
  "Logs": {"Type": "AWS::Logs::LogGroup", "DeletionPolicy": "Retain", "Properties": {"LogGroupName": "/app"}},
  "Function": {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"S3Key": "` + hash + `.zip"}, "Timeout": 3}}
 }
}`
)

// app is what an app synthesizes: templates by the name of their stack.
type app map[string]string

func newApp() app { return app{"net": netTemplate, "app": appTemplate} }

// with changes a template.
func (a app) with(t testing.TB, stack, old, now string) app {
	t.Helper()
	if !strings.Contains(a[stack], old) {
		t.Fatalf("no %q in stack %s", old, stack)
	}
	out := app{}
	for name, text := range a {
		out[name] = text
	}
	out[stack] = strings.Replace(a[stack], old, now, 1)
	return out
}

func (a app) without(stack string) app {
	out := app{}
	for name, text := range a {
		if name != stack {
			out[name] = text
		}
	}
	return out
}

// synth writes the folder that CDK writes, and returns it.
func (a app) synth(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	artifacts := map[string]any{}
	for name, text := range a {
		file := name + ".template.json"
		write(t, filepath.Join(dir, file), text)
		if strings.HasSuffix(name, ".nested") {
			continue // an asset of its parent
		}
		artifacts[name] = map[string]any{"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/ap-northeast-2",
			"properties": map[string]any{"templateFile": file}}
	}
	writeJSON(t, filepath.Join(dir, "manifest.json"), map[string]any{"artifacts": artifacts})
	writeJSON(t, filepath.Join(dir, "app.assets.json"), map[string]any{"files": map[string]any{hash: map[string]any{}}})
	write(t, filepath.Join(dir, "asset."+hash, "other.template.json"), "a file of an asset")
	return dir
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func writeJSON(t testing.TB, file string, value any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, string(text))
}
