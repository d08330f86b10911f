package cfn

import "testing"

// FuzzRead asserts that no template makes Read or Compare panic, and that what is read equals itself.
func FuzzRead(f *testing.F) {
	// Whole networks are too long to be changed usefully; the smallest of them has every way that a value passes.
	f.Add(snapshots(f)["reference-peer-seoul-tokyo"].Template)
	for _, c := range canonicalValues {
		f.Add([]byte(`{"Resources": {"A": {"Type": "AWS::EC2::Route", "Properties": {"RouteTableId": ` + c.value + `}}}, "Outputs": {"O": {"Value": ` + c.value + `}}}`))
	}
	f.Add([]byte(`{"Resources": {"A": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Fn::ImportValue": {"Ref": "A"}}, "CidrBlock": "10.0.0.0/24"}}},
		"Outputs": {"O": {"Value": {"Fn::Sub": ["${A.B}${C}", {"C": [1]}]}, "Export": {"Name": {"Fn::GetAtt": "A.B"}}}}}`))
	f.Fuzz(func(t *testing.T, template []byte) {
		a, err := Read(map[string]Source{"a": {Template: template}, "b": {Template: []byte(`{}`)}})
		if err != nil {
			return
		}
		b, err := Read(map[string]Source{"a": {Template: template}, "b": {Template: []byte(`{}`)}})
		if err != nil {
			t.Fatal(err)
		}
		// A template may hold one slot twice; it does not change, so nothing else may be found.
		if c := Compare(a, b); len(c.Resources)+len(c.Moves)+len(c.Collisions)+len(c.Broken)+len(c.Orphans) != 0 {
			t.Fatalf("compared with itself: %v", render(c))
		}
		Compare(a, nil)
		Compare(nil, b)
	})
}
