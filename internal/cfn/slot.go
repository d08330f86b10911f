package cfn

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
)

// Slot is what only one resource may hold at a time. CloudFormation creates before it deletes, so a slot that passes
// from one resource to another within one deployment is still taken when its new holder is created.
type Slot struct {
	Kind string // what it is, in AWS's nouns
	// Keys are canonical; a slot takes all of them. Two slots of one kind conflict when they share a key.
	Keys []string
	// Block, if valid, narrows that: the blocks have to overlap as well.
	Block netip.Prefix
	// TakesOver says that creating the holder succeeds while another holds the slot: EC2 or the resource itself moves it.
	// What the other one deletes later may be what the new one holds, though: see Loses.
	TakesOver bool
	// Loses says that a holder that takes over is left without when the earlier one is deleted, if Holds of both is equal.
	Loses bool
	Holds string
}

// String names the slot by its first key.
func (s Slot) String() string {
	words := []string{s.Kind}
	if s.Block.IsValid() {
		words = append(words, s.Block.String(), "of")
	}
	return strings.Join(append(words, s.Keys[0]), " ")
}

// Conflicts reports whether both cannot be held at the same time by two resources.
func (s Slot) Conflicts(other Slot) bool {
	return s.Kind == other.Kind && s.overlaps(other) && slices.ContainsFunc(s.Keys, func(k string) bool { return slices.Contains(other.Keys, k) })
}

func (s Slot) overlaps(other Slot) bool {
	return !s.Block.IsValid() || !other.Block.IsValid() || s.Block.Overlaps(other.Block)
}

// SlotOf is the slot that a resource of a stack holds, false if it holds none.
func SlotOf(s *Stack, r *Resource) (Slot, bool) {
	rule, ok := slotRules[r.Type]
	if !ok {
		return Slot{}, false
	}
	slot := Slot{Kind: rule.kind, TakesOver: rule.takesOver, Loses: rule.loses, Holds: r.Properties[rule.holds]}
	if rule.keys != nil {
		slot.Keys = rule.keys(r.Properties)
	} else if k, ok := rule.joined(s, r.Properties); ok {
		slot.Keys = []string{k}
	}
	if rule.more != nil {
		slot.Keys = append(slot.Keys, rule.more(s, r)...)
	}
	if rule.block != "" {
		block, err := netip.ParsePrefix(r.Properties[rule.block])
		if err != nil {
			return Slot{}, false // from a pool, or AWS picks it
		}
		slot.Block = block.Masked()
	}
	slices.Sort(slot.Keys)
	slot.Keys = slices.Compact(slot.Keys)
	return slot, len(slot.Keys) > 0
}

// joined is one key of all that a rule names, false if something needed is missing.
func (rule slotRule) joined(s *Stack, p map[string]string) (string, bool) {
	var words []string
	for _, name := range rule.need {
		if p[name] == "" {
			return "", false
		}
		words = append(words, normal(name, p[name]))
	}
	if rule.oneOf != nil {
		i := slices.IndexFunc(rule.oneOf, func(name string) bool { return p[name] != "" })
		if i < 0 {
			return "", false
		}
		words = append(words, normal(rule.oneOf[i], p[rule.oneOf[i]]))
	}
	for _, name := range rule.also {
		if p[name] != "" {
			words = append(words, name+"="+normal(name, p[name]))
		}
	}
	where := ""
	switch rule.within {
	case anywhere:
	case anAccount:
		where = s.Account
	case aRegion:
		where = strings.TrimSpace(s.Account + " " + s.Region)
	}
	if where != "" {
		words = append(words, "in "+where)
	}
	return strings.Join(words, " "), true
}

// normal writes values that AWS takes for the same in one way: a domain name, and a block with host bits.
func normal(property, value string) string {
	if property == "Name" && strings.Contains(value, ".") && !strings.Contains(value, "/") {
		return domain(value)
	}
	if p, err := netip.ParsePrefix(value); err == nil {
		return p.Masked().String()
	}
	return value
}

func domain(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// unordered is the key of a pair whose ends may be turned around.
func unordered(a, b string) []string {
	if a == "" || b == "" {
		return nil
	}
	return []string{min(a, b) + " and " + max(a, b)}
}

// objects reads a canonical list of objects; the values of those that are not strings are left out.
func objects(value string) []map[string]string {
	var raw []map[string]any
	if json.Unmarshal([]byte(value), &raw) != nil {
		return nil
	}
	var list []map[string]string
	for _, o := range raw {
		texts := map[string]string{}
		for k, v := range o {
			if s, ok := v.(string); ok {
				texts[k] = s
			}
		}
		list = append(list, texts)
	}
	return list
}

// texts reads a canonical list of strings.
func texts(value string) []string {
	var list []string
	if json.Unmarshal([]byte(value), &list) != nil {
		return nil
	}
	return list
}

// slotProperties are the properties that a type's slot is made of.
func slotProperties(typ string) []string {
	rule := slotRules[typ]
	list := slices.Concat(rule.need, rule.oneOf, rule.also, rule.reads)
	for _, name := range []string{rule.block, rule.holds} {
		if name != "" {
			list = append(list, name)
		}
	}
	return list
}
