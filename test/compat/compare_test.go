package compat

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/cfn"
)

// compare tells what a version does to networks that an earlier one deployed: what breaks them, and what is new in them.
func compare(old, now *contract) (broken, added []string) {
	d := &difference{old: old, now: now}
	d.addresses()
	d.stacks()
	d.resources()
	return d.broken, d.added
}

type difference struct {
	old, now      *contract
	broken, added []string
}

func (d *difference) breakf(format string, args ...any) {
	d.broken = append(d.broken, fmt.Sprintf(format, args...))
}

func (d *difference) addf(format string, args ...any) {
	d.added = append(d.added, fmt.Sprintf(format, args...))
}

func (d *difference) addresses() {
	for _, name := range union(d.old.Addresses, d.now.Addresses) {
		before, after := d.old.Addresses[name], d.now.Addresses[name]
		switch {
		case before == "":
			d.addf("address %s of %s is new", after, name)
		case after == "":
			d.breakf("address %s of %s is gone: users' networks would lose it", before, name)
		case before != after:
			d.breakf("address of %s was %s, is %s: users' networks would be renumbered", name, before, after)
		}
	}
}

func (d *difference) stacks() {
	for _, name := range union(d.old.Stacks, d.now.Stacks) {
		before, after := d.old.Stacks[name], d.now.Stacks[name]
		switch {
		case before == "":
			d.addf("stack %s is new", name)
		case after == "":
			d.breakf("stack %s is gone: it would be left behind in users' accounts, and what it holds made anew elsewhere, beside it", name)
		case before != after:
			d.breakf("stack %s was in %s, is in %s: it would be left behind where it is in users' accounts", name, before, after)
		}
	}
	for _, of := range union(d.old.Exports, d.now.Exports) {
		stack, _, _ := strings.Cut(of, "/")
		switch {
		case !d.old.Exports[of]:
			d.addf("export of %s is new", of)
		case !d.now.Exports[of] && d.now.Stacks[stack] != "":
			d.breakf("%s is not exported any more: CloudFormation would refuse to update users' stack %s while another one imports it", of, stack)
		}
	}
}

func (d *difference) resources() {
	for _, key := range union(d.old.Resources, d.now.Resources) {
		before, was := d.old.Resources[key]
		after, is := d.now.Resources[key]
		stack, _, _ := strings.Cut(key, "/")
		switch {
		case !was:
			d.addf("%s (%s), %s, is new", after.Name, after.Type, key)
		case d.now.Stacks[stack] == "": // said of the stack
		case !is:
			d.gone(key, before)
		case before.Type != after.Type:
			d.breakf("%s, %s, was a %s, is a %s: CloudFormation would refuse to update users' stack %s", before.Name, key, before.Type, after.Type, stack)
		default:
			d.properties(key, before, after)
		}
	}
}

// gone reports a resource that does not have its logical id any more, and the one that took its name.
func (d *difference) gone(key string, r resource) {
	for _, other := range slices.Sorted(maps.Keys(d.now.Resources)) {
		o := d.now.Resources[other]
		if _, there := d.old.Resources[other]; !there && o.Name == r.Name && o.Type == r.Type {
			d.breakf("%s (%s) was %s, is %s: CloudFormation would replace it in users' networks, by another one beside it", r.Name, r.Type, key, other)
			return
		}
	}
	d.breakf("%s (%s), %s, is gone: CloudFormation would delete it in users' networks", r.Name, r.Type, key)
}

func (d *difference) properties(key string, old, now resource) {
	for _, p := range union(old.Properties, now.Properties) {
		before, after := old.Properties[p], now.Properties[p]
		switch {
		case before == after:
		case p == retained && before == "":
			d.addf("%s (%s), %s, is retained now", old.Name, old.Type, key)
		case p == retained:
			d.breakf("%s (%s), %s, is not retained any more: CloudFormation would delete it where users count on keeping it", old.Name, old.Type, key)
		default:
			would := "would replace"
			if slices.Contains(cfn.MaybeCreateOnly(old.Type), p) {
				would = "may replace"
			}
			d.breakf("%s (%s), %s: %s was %s, is %s: CloudFormation %s it in users' networks", old.Name, old.Type, key, p,
				cmp.Or(before, "none"), cmp.Or(after, "none"), would)
		}
	}
}

// union is the keys of both maps, sorted.
func union[V any](a, b map[string]V) []string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

func sample() *contract {
	c := newContract()
	c.Addresses["network/seoul/app/block/0"] = "10.0.0.0/16"
	c.Stacks["net"], c.Stacks["peer"] = "ap-northeast-2", "ap-northeast-2"
	c.Exports["net/Vpc"] = true
	c.Resources["net/Vpc"] = resource{"AWS::EC2::VPC", "network/seoul/app", map[string]string{"CidrBlock": "10.0.0.0/16"}}
	c.Resources["net/Address"] = resource{"AWS::EC2::EIP", "network/seoul/app/nat", map[string]string{retained: "true"}}
	c.Resources["peer/Peering"] = resource{"AWS::EC2::VPCPeeringConnection", "peering/x", map[string]string{"VpcId": "{net/Vpc}"}}
	return c
}

func TestCompare(t *testing.T) {
	vpc := func(cidr string) resource {
		return resource{"AWS::EC2::VPC", "network/seoul/app", map[string]string{"CidrBlock": cidr}}
	}
	for name, c := range map[string]struct {
		edit          func(*contract)
		broken, added []string
	}{
		"nothing": {func(*contract) {}, nil, nil},
		"another address": {func(c *contract) { c.Addresses["network/seoul/app/block/0"] = "10.1.0.0/16" },
			[]string{"address of network/seoul/app/block/0 was 10.0.0.0/16, is 10.1.0.0/16: users' networks would be renumbered"}, nil},
		"a lost address": {func(c *contract) { delete(c.Addresses, "network/seoul/app/block/0") },
			[]string{"address 10.0.0.0/16 of network/seoul/app/block/0 is gone: users' networks would lose it"}, nil},
		"a create-only property": {func(c *contract) { c.Resources["net/Vpc"] = vpc("10.1.0.0/16") },
			[]string{`network/seoul/app (AWS::EC2::VPC), net/Vpc: CidrBlock was 10.0.0.0/16, is 10.1.0.0/16: CloudFormation would replace it in users' networks`}, nil},
		"one that replaces under conditions": {func(c *contract) { c.Resources["net/Vpc"].Properties["InstanceTenancy"] = "dedicated" },
			[]string{`network/seoul/app (AWS::EC2::VPC), net/Vpc: InstanceTenancy was none, is dedicated: CloudFormation may replace it in users' networks`}, nil},
		"another logical id": {func(c *contract) {
			delete(c.Resources, "net/Vpc")
			c.Resources["net/Vpc2"] = vpc("10.0.0.0/16")
		}, []string{"network/seoul/app (AWS::EC2::VPC) was net/Vpc, is net/Vpc2: CloudFormation would replace it in users' networks, by another one beside it"},
			[]string{"network/seoul/app (AWS::EC2::VPC), net/Vpc2, is new"}},
		"a lost resource": {func(c *contract) { delete(c.Resources, "net/Vpc") },
			[]string{"network/seoul/app (AWS::EC2::VPC), net/Vpc, is gone: CloudFormation would delete it in users' networks"}, nil},
		"another type": {func(c *contract) { c.Resources["net/Vpc"] = resource{"AWS::EC2::Subnet", "x", nil} },
			[]string{"network/seoul/app, net/Vpc, was a AWS::EC2::VPC, is a AWS::EC2::Subnet: CloudFormation would refuse to update users' stack net"}, nil},
		"not retained": {func(c *contract) { delete(c.Resources["net/Address"].Properties, retained) },
			[]string{"network/seoul/app/nat (AWS::EC2::EIP), net/Address, is not retained any more: CloudFormation would delete it where users count on keeping it"}, nil},
		"another stack": {func(c *contract) {
			delete(c.Stacks, "peer")
			delete(c.Resources, "peer/Peering")
			c.Stacks["peering"] = "x"
		},
			[]string{"stack peer is gone: it would be left behind in users' accounts, and what it holds made anew elsewhere, beside it"}, []string{"stack peering is new"}},
		"another place": {func(c *contract) { c.Stacks["peer"] = "us-west-2" },
			[]string{"stack peer was in ap-northeast-2, is in us-west-2: it would be left behind where it is in users' accounts"}, nil},
		"a lost export": {func(c *contract) { delete(c.Exports, "net/Vpc") },
			[]string{"net/Vpc is not exported any more: CloudFormation would refuse to update users' stack net while another one imports it"}, nil},
		"what is new": {func(c *contract) {
			c.Resources["net/Peer"] = resource{"AWS::EC2::VPC", "network/seoul/new", nil}
			c.Exports["net/Peer"] = true
			c.Addresses["network/seoul/new/block/0"] = "10.2.0.0/16"
		}, nil, []string{"address 10.2.0.0/16 of network/seoul/new/block/0 is new", "export of net/Peer is new", "network/seoul/new (AWS::EC2::VPC), net/Peer, is new"}},
	} {
		t.Run(name, func(t *testing.T) {
			now := sample()
			c.edit(now)
			broken, added := compare(sample(), now)
			if diff := gocmp.Diff([][]string{c.broken, c.added}, [][]string{broken, added}); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
