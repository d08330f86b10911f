package e2e

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
)

// look is how a type is read back by one call, whose answer has CloudFormation's names, or nearly so. Everything that the
// template says of the resource is compared with it.
type look struct {
	service, action string // JSON: the target instead of the action
	ask             string // parameter with the physical id
	item            string // where the resource is in the answer
	renamed         map[string]string
	// more adds what another call tells, or what the answer says in another way.
	more func(t *testing.T, d *deployed, region, id string, got map[string]any)
	// where is the API's Region, if it has only one.
	where string
	// find reads the resource in another way, by what its template says.
	find func(t *testing.T, d *deployed, region, id string, says map[string]any) map[string]any
	// tagged reads the tags, which are then compared with those of the stack. Default: the type has none, or EC2's.
	tagged func(t *testing.T, d *deployed, region, id string, got map[string]any) []any
}

// looks are all types that are read so.
var looks = merged(waysLooks, zonalLooks)

func merged(tables ...map[string]look) map[string]look {
	all := map[string]look{}
	for _, t := range tables {
		maps.Copy(all, t)
	}
	return all
}

// read asks, and returns what the answer says under CloudFormation's names; nil if the resource is not there.
func (l look) read(t *testing.T, d *deployed, region, id string, says map[string]any) map[string]any {
	t.Helper()
	if l.where != "" {
		region = l.where
	}
	var got map[string]any
	switch {
	case l.find != nil:
		got = l.find(t, d, region, id, says)
	case strings.Contains(l.action, "."):
		got = d.lookJSON(t, l, region, id)
	default:
		got = d.lookXML(t, l, region, id)
	}
	for from, to := range l.renamed {
		if value, ok := got[from]; ok {
			got[to] = value
		}
	}
	if got != nil && l.more != nil {
		l.more(t, d, region, id, got)
	}
	if got != nil && l.tagged != nil {
		got["Tags"] = joinTags(tagsOf(l.tagged(t, d, region, id, got)))
	}
	return got
}

func tagsOf(list []any) map[string]string {
	out := map[string]string{}
	for _, x := range list {
		m := x.(map[string]any)
		out[plainText(m["Key"])] = plainText(m["Value"])
	}
	return out
}

// tagsInAnswer are the tags that the answer has already.
func tagsInAnswer(_ *testing.T, _ *deployed, _, _ string, got map[string]any) []any {
	list, _ := got["Tags"].([]any)
	return list
}

func (d *deployed) lookJSON(t *testing.T, l look, region, id string) map[string]any {
	t.Helper()
	var out map[string]any
	d.server.json11(t, l.service, region, l.action, map[string]any{l.ask: id}, &out)
	if l.item == "" {
		return out
	}
	got, _ := out[l.item].(map[string]any)
	return got
}

func (d *deployed) lookXML(t *testing.T, l look, region, id string) map[string]any {
	t.Helper()
	n, err := d.server.tryQuery(l.service, region, l.action, l.ask, id)
	if err != nil {
		t.Errorf("%v", err)
		return nil
	}
	found, ok := n.find(l.item)
	if !ok {
		return nil
	}
	if items := found.Nodes; len(items) > 0 && isItem(items[0]) {
		found = items[0]
	}
	got, _ := found.value().(map[string]any)
	return got
}

func isItem(n node) bool { return n.XMLName.Local == "item" || n.XMLName.Local == "member" }

// value writes XML as the values of a template: lists of items, EC2's names begin with a capital letter and its sets with an s.
func (n node) value() any {
	if len(n.Nodes) == 0 {
		return strings.TrimSpace(n.Text)
	}
	if name := n.Nodes[0].XMLName.Local; isItem(n.Nodes[0]) || name == "groupId" && strings.HasPrefix(n.XMLName.Local, "groupSet") {
		var list []any
		for _, x := range n.Nodes {
			list = append(list, x.value())
		}
		return list
	}
	out := map[string]any{}
	for _, x := range n.Nodes {
		name := strings.ToUpper(x.XMLName.Local[:1]) + x.XMLName.Local[1:]
		if set, ok := strings.CutSuffix(name, "Set"); ok {
			name = set + "s"
		}
		out[name] = x.value()
	}
	return out
}

// compareLook compares what a template says of a resource with what its look says, in the shape of the former: an answer may tell more.
// It returns both as texts.
func compareLook(says, got map[string]any) (properties, properties) {
	want, have := properties{}, properties{}
	for name, value := range says {
		want[name] = textOf(keyed(value))
	}
	for name, value := range got {
		if wanted, ok := says[name]; ok {
			have[name] = textOf(shaped(keyed(value), keyed(wanted)))
		} else {
			have[name] = textOf(value)
		}
	}
	return want, have
}

// keyed makes of a list of keys with values, such as attributes, what it means: values by key.
func keyed(value any) any {
	switch v := value.(type) {
	case []any:
		byKey := map[string]any{}
		for i := range v {
			v[i] = keyed(v[i])
			if m, ok := v[i].(map[string]any); ok && len(m) == 2 && m["Key"] != nil && m["Value"] != nil {
				byKey[plainText(m["Key"])] = m["Value"]
			}
		}
		if len(v) > 0 && len(byKey) == len(v) {
			return byKey
		}
	case map[string]any:
		for name := range v {
			v[name] = keyed(v[name])
		}
	}
	return value
}

// shaped leaves out of an answer what a template does not speak of.
func shaped(got, want any) any {
	switch g := got.(type) {
	case map[string]any:
		w, ok := want.(map[string]any)
		if !ok {
			return got
		}
		out := map[string]any{}
		for name := range w {
			if value, ok := g[name]; ok {
				out[name] = shaped(value, w[name])
			}
		}
		return out
	case []any:
		w, ok := want.([]any)
		if !ok || len(w) == 0 {
			return got
		}
		out := make([]any, len(g))
		for i := range g {
			out[i] = shaped(g[i], w[min(i, len(w)-1)])
		}
		return out
	}
	return got
}

// saidValues is what a template says of a resource, with what references became.
func (d *deployed) saidValues(t *testing.T, st *stack, logical string) map[string]any {
	t.Helper()
	out := map[string]any{}
	for name, value := range st.template.Resources[logical].Properties {
		if name != "Tags" {
			out[name] = d.evaluate(t, st, value)
		}
	}
	return out
}

// lastAnswer is what a custom resource answered last.
func (d *deployed) lastAnswer(t *testing.T, stack, logical string) map[string]any {
	t.Helper()
	var last map[string]any
	for _, e := range d.server.events(t, "custom resource") {
		if e["stack"] == stack && e["logical"] == logical && e["request"] != "Delete" {
			last, _ = e["data"].(map[string]any)
		}
	}
	return last
}

func object(text string) map[string]any {
	var out map[string]any
	if json.Unmarshal([]byte(text), &out) != nil {
		return nil
	}
	return out
}
