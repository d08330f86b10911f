package compat

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/cfn"
	"github.com/pathproof/pathproof/internal/change"
	"github.com/pathproof/pathproof/internal/topology"
)

// contract is what a version must not change about a network that an earlier one deployed.
type contract struct {
	Addresses map[string]string // blocks, by what has them
	Stacks    map[string]string // the place of each stack: its Region, and its account if it is known
	Exports   map[string]bool   // STACK/ID or STACK/ID.ATTRIBUTE
	Resources map[string]resource
}

// resource is a resource under STACK/ID.
type resource struct {
	Type string
	Name string // in the words of the file; for people
	// Properties are those whose change replaces the resource, always or under conditions.
	Properties map[string]string
}

// retained marks a resource that stays in the account, beside its properties.
const retained = "retained"

func contractOf(p *topology.Plan) *contract {
	c := newContract()
	for _, n := range p.Networks {
		for i, b := range n.Blocks {
			c.Addresses[fmt.Sprintf("network/%s/block/%d", n.Key, i)] = b.String()
		}
		for _, s := range n.Subnets {
			c.Addresses[fmt.Sprintf("network/%s/subnet/%s-%s", n.Key, s.Tier, s.ZoneID)] = s.CIDR.String()
		}
	}
	for _, s := range p.Sites {
		for _, x := range s.Connections {
			for i, inside := range x.Inside {
				c.Addresses[fmt.Sprintf("site/%s/vpnConnection/%s/tunnel/%d", s.Name, x.Name, i+1)] = inside.String()
			}
		}
	}
	for _, s := range change.StacksOf(p) {
		c.Stacks[s.Name] = strings.TrimSpace(s.Region + " " + s.Account)
		for _, o := range s.Outputs {
			c.Exports[strings.Trim(o.Value, "{}")] = true
		}
		for _, r := range s.Resources {
			c.Resources[s.Name+"/"+r.LogicalID] = resource{r.Type, r.Name, decisive(r)}
		}
	}
	return c
}

func newContract() *contract {
	return &contract{map[string]string{}, map[string]string{}, map[string]bool{}, map[string]resource{}}
}

// decisive are the properties that decide about a replacement, and whether the resource is retained.
func decisive(r *cfn.Resource) map[string]string {
	out := map[string]string{}
	for _, name := range slices.Concat(cfn.CreateOnly(r.Type), cfn.MaybeCreateOnly(r.Type)) {
		if v := r.Properties[name]; v != "" {
			out[name] = v
		}
	}
	if r.Retained() {
		out[retained] = "true"
	}
	return out
}

// String writes a contract: addresses, then each stack with what it exports and holds, everything sorted.
func (c *contract) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(c.Addresses)) {
		fmt.Fprintf(&b, "address %s %s\n", name, c.Addresses[name])
	}
	for _, stack := range slices.Sorted(maps.Keys(c.Stacks)) {
		fmt.Fprintf(&b, "stack %s %s\n", stack, c.Stacks[stack])
		for _, of := range slices.Sorted(maps.Keys(c.Exports)) {
			if id, ok := strings.CutPrefix(of, stack+"/"); ok {
				fmt.Fprintf(&b, "  export %s\n", id)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(c.Resources)) {
			if id, ok := strings.CutPrefix(key, stack+"/"); ok {
				r := c.Resources[key]
				fmt.Fprintf(&b, "  %s %s %s", id, r.Type, quote(r.Name))
				for _, p := range slices.Sorted(maps.Keys(r.Properties)) {
					fmt.Fprintf(&b, " %s=%s", p, quote(r.Properties[p]))
				}
				b.WriteString("\n")
			}
		}
	}
	return b.String()
}

// quote writes a value so that it is one word.
func quote(s string) string {
	if s == "" || strings.ContainsAny(s, " \"\\\n\t") {
		return strconv.Quote(s)
	}
	return s
}

// parse reads what String wrote.
func parse(t *testing.T, file string) *contract {
	t.Helper()
	c := newContract()
	stack := ""
	for line := range strings.Lines(string(read(t, file))) {
		w := words(t, line)
		switch w[0] {
		case "address":
			c.Addresses[w[1]] = w[2]
		case "stack":
			stack = w[1]
			c.Stacks[stack] = strings.Join(w[2:], " ")
		case "export":
			c.Exports[stack+"/"+w[1]] = true
		default:
			r := resource{w[1], w[2], map[string]string{}}
			for _, p := range w[3:] {
				name, value, _ := strings.Cut(p, "=")
				r.Properties[name] = value
			}
			c.Resources[stack+"/"+w[0]] = r
		}
	}
	return c
}

// words splits a line at spaces that are not quoted, and takes the quotes away.
func words(t *testing.T, line string) []string {
	t.Helper()
	var out []string
	rest := strings.TrimSpace(line)
	for rest != "" {
		end := strings.IndexAny(rest+" ", ` "`)
		word := rest[:end]
		rest = rest[end:]
		if strings.HasPrefix(rest, `"`) {
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			text, err := strconv.Unquote(quoted)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			word, rest = word+text, rest[len(quoted):]
		}
		out = append(out, word)
		rest = strings.TrimPrefix(rest, " ")
	}
	if len(out) < 2 {
		t.Fatalf("not a line of a contract: %q", line)
	}
	return out
}
