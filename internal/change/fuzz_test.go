package change_test

import (
	"io"
	"testing"

	"github.com/pathproof/pathproof/internal/change"
	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/topology"
)

// FuzzCompare asserts that whatever ReadPlan accepts can be compared and printed.
func FuzzCompare(f *testing.F) {
	after := check.File("../check/testdata/good/base.yaml").Plan
	text, err := after.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"format":1,"name":"n","stacks":[{"name":"s","place":{"region":"r"},"resources":[{"logicalId":"A","type":"AWS::EC2::VPC","properties":{"CidrBlock":"{s/A}"},"uses":["s"]}],"exports":["A."]}],` +
		`"networks":[{"key":"","place":{"region":"r"},"blocks":["10.0.0.0/8"],"securityGroups":[{"ingress":[{}]}],"routeTables":[{"routes":[{}]}]}]}`))
	f.Add([]byte(`{"format":1,"name":"n","stacks":[],"networks":[{"key":"a/b","place":{"region":"r"}}],"sites":[{"vpnConnections":[{"inside":[]}]}],"transitGateways":[{"segments":[null]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		before, err := topology.ReadPlan(text)
		if err != nil {
			return
		}
		for _, pair := range [][2]*topology.Plan{{before, after}, {after, before}} {
			if err := change.Write(io.Discard, change.Compare(change.Deployed{Plan: pair[0]}, pair[1], nil), false); err != nil {
				t.Fatal(err)
			}
		}
	})
}
