package config

import (
	"encoding"
	"os"
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"
)

// structs returns a file's type and every struct of keys below it, in the order in which a reader meets them.
func structs(root reflect.Type) []reflect.Type {
	var out []reflect.Type
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(t.Elem())
		case reflect.Struct:
			if slices.Contains(out, t) || len(fieldsOf(t)) == 0 {
				return
			}
			out = append(out, t)
			for _, f := range fieldsOf(t) {
				walk(t.Field(f.index).Type)
			}
		}
	}
	walk(root)
	return out
}

// allStructs are those of all kinds of files.
func allStructs() []reflect.Type {
	return slices.Concat(structs(reflect.TypeFor[File]()), structs(reflect.TypeFor[ProbeFile]()), structs(reflect.TypeFor[AffinityFile]()))
}

var keyRE = regexp.MustCompile(`^[a-z][a-zA-Z0-9]*$`)

func TestTypes(t *testing.T) {
	comments := comments(t)
	for _, st := range allStructs() {
		if comments[st.Name()] == "" {
			t.Errorf("%s: no comment", st.Name())
		}
		for i := range st.NumField() {
			sf := st.Field(i)
			name := st.Name() + "." + sf.Name
			key, ok := sf.Tag.Lookup("yaml")
			if !ok || !keyRE.MatchString(key) {
				t.Errorf("%s: bad yaml tag %q", name, key)
			}
			if comments[name] == "" {
				t.Errorf("%s: no comment", name)
			}
			_, hasDefault := sf.Tag.Lookup("default")
			if required := sf.Tag.Get("required") == "true"; required && hasDefault {
				t.Errorf("%s: required and default exclude each other", name)
			}
			if sf.Type.Kind() == reflect.Bool && !hasDefault {
				t.Errorf("%s: a boolean states its default", name)
			}
		}
	}
}

// TestNestedDefaults: a struct that may be left out is filled with defaults, so none of its keys can be required.
func TestNestedDefaults(t *testing.T) {
	for _, st := range allStructs() {
		for _, f := range fieldsOf(st) {
			if ft := st.Field(f.index).Type; !f.required && isNested(ft) {
				for _, sub := range fieldsOf(ft) {
					if sub.required {
						t.Errorf("%s.%s may be left out, but %s is required in it", st.Name(), f.key, sub.key)
					}
				}
			}
		}
	}
}

func TestDefaultTagsParse(t *testing.T) {
	n := 0
	for _, st := range allStructs() {
		for _, f := range fieldsOf(st) {
			if !f.hasDef {
				continue
			}
			n++
			d := decoder{}
			v := reflect.New(st).Elem()
			d.absent(v.Field(f.index), f, at{})
			if len(d.problems) > 0 {
				t.Errorf("%s.%s: %v", st.Name(), f.key, d.problems)
			}
			if v.Field(f.index).IsZero() && f.def != "false" {
				t.Errorf("%s.%s: default %q leaves the field empty", st.Name(), f.key, f.def)
			}
		}
	}
	if n < 20 {
		t.Errorf("only %d defaults seen", n)
	}
}

func TestDefaults(t *testing.T) {
	doc, list := Load("testdata/good/reference.yaml")
	if doc.File == nil {
		t.Fatal(format(doc, list))
	}
	f := doc.File
	connect := f.Sites["idc"].Connect
	dh := []int{19, 20, 21, 14}
	for _, tc := range []struct {
		path      string
		got, want any
	}{
		{"absent scalar", f.Networks["seoul/app"].Egress, EgressNone},
		{"absent true", f.TransitGateways["seoul"].ECMP, true},
		{"absent in a list element", f.Allow[0].ICMP, false},
		{"absent in a map element", f.Paths["peering"].Expect, Reachable},
		{"absent in a pointer", f.Networks["seoul/app"].FlowLogs.Traffic, FlowLogTraffic("all")},
		{"given in a pointer", f.Networks["seoul/app"].FlowLogs.Expire, Duration(30 * 24 * time.Hour)},
		{"absent pointer", f.Networks["seoul/web"].FlowLogs, (*FlowLogs)(nil)},
		{"absent in a given nested struct", connect.Tunnel.Phase2DHGroups, dh},
		{"given in a nested struct", connect.Tunnel.Phase1DHGroups, []int{20}},
		{"given in a nested struct", connect.Tunnel.RekeyMargin, Duration(270 * time.Second)},
		{"absent list of strings", connect.Tunnel.IKEVersions, []IKEVersion{"ikev2"}},
		{"absent list", connect.Tunnel.Phase1Integrity, []Integrity{"SHA2-256", "SHA2-384", "SHA2-512"}},
		{"absent nested struct", connect.Logs, VPNLogs{Activity: true, BGP: true, Retention: Duration(90 * 24 * time.Hour)}},
		{"absent number", connect.Capacity.PacketSize, 1200},
		{"given number", connect.Capacity.Normal, Bandwidth(2_500_000_000)},
		{"no default", f.Hosts["app-target"].IP.IsValid(), false},
		{"unquoted account", f.Accounts["shared"], AccountID("222233334444")},
		{"short subnet", f.Networks["seoul/vpn"].Subnets["attach"]["apne2-az1"].CIDR.String(), "172.29.0.0/28"},
		{"long subnet", f.Networks["seoul/vpn"].Subnets["attach"]["apne2-az3"].CIDR.String(), "172.29.0.16/28"},
		{"one in place of a list", f.Allow[2].From, []Ref{{Kind: KindInternet}}},
		{"a list", f.Allow[1].From, []Ref{{KindNetwork, "seoul/vpn"}, {KindHost, "app-target"}}},
		{"port range", f.Allow[1].TCP, []PortRange{{7007, 7007}, {8000, 8010}}},
	} {
		if !reflect.DeepEqual(tc.got, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.path, tc.got, tc.want)
		}
	}
}

// TestDefaultsAreNotShared: one site's list must not change another's.
func TestDefaultsAreNotShared(t *testing.T) {
	read := func() *File { doc, _ := Load("testdata/good/reference.yaml"); return doc.File }
	a, b := read(), read()
	a.Sites["idc"].Connect.Tunnel.Phase2DHGroups[0] = 2
	if got := b.Sites["idc"].Connect.Tunnel.Phase2DHGroups[0]; got != 19 {
		t.Errorf("got %d through another file", got)
	}
}

// TestForms reads the file that shows the less usual ways to write things.
func TestForms(t *testing.T) {
	doc, list := Load("testdata/good/forms.yaml")
	if doc.File == nil {
		t.Fatal(format(doc, list))
	}
	f := doc.File
	for _, tc := range []struct{ got, want any }{
		{f.Name, Name("on")},
		{f.Accounts["a"], AccountID("012345678901")},
		{f.Tags, map[string]string{"Same": "true", "Owner": "true"}},
		{f.Networks["seoul/web"].Zones, []ZoneID{"apne2-az1", "apne2-az2"}},
		{f.Networks["seoul/app"].Tiers, []Tier{{"private", 20}, {"attach", 28}}},
		{f.Allow[0].TCP, []PortRange{{443, 443}, {8000, 8010}}},
	} {
		if !reflect.DeepEqual(tc.got, tc.want) {
			t.Errorf("got %v, want %v", tc.got, tc.want)
		}
	}
}

// TestAdvice: every type can say what to write, and no text form takes the empty text.
func TestAdvice(t *testing.T) {
	for _, st := range allStructs() {
		for _, f := range fieldsOf(st) {
			ft := st.Field(f.index).Type
			if advice(ft) == "" {
				t.Errorf("%s.%s: no advice", st.Name(), f.key)
			}
			if u, ok := reflect.New(ft).Interface().(encoding.TextUnmarshaler); ok && u.UnmarshalText(nil) == nil {
				t.Errorf("%s.%s: takes the empty text", st.Name(), f.key)
			}
		}
	}
}

// BenchmarkParse reads a file of 200 lines.
func BenchmarkParse(b *testing.B) {
	data, err := os.ReadFile("testdata/good/lines.yaml")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if doc, list := Parse("lines.yaml", data); doc.File == nil {
			b.Fatal(format(doc, list))
		}
	}
}
