package cfntest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/cfn"
)

// claim takes the slot of a resource, unless somebody else has it. The lock is held. before is what the resource was; it is
// in nobody's way unless it is another physical resource.
func (e *Engine) claim(i, before *instance) error {
	slot, ok := cfn.SlotOf(&cfn.Stack{Name: i.stack.name, Region: i.stack.region, Account: i.stack.account}, &cfn.Resource{LogicalID: i.logicalID, Type: i.typ, Properties: i.properties})
	if !ok {
		return nil
	}
	for _, k := range slot.Keys {
		for _, other := range e.slots[slot.Kind+" "+k] {
			if other != before && other != i && other.slot.Conflicts(slot) && !slot.TakesOver {
				return answerf("%s already exists: %s holds it (AlreadyExists)", slot, other.name())
			}
		}
	}
	if before != nil {
		e.release(before)
	}
	i.slot = &slot
	for _, k := range slot.Keys {
		e.slots[slot.Kind+" "+k] = append(e.slots[slot.Kind+" "+k], i)
	}
	return nil
}

// release gives up the slot of a resource that is deleted. The lock is held. Whoever took it over may be left with nothing.
func (e *Engine) release(i *instance) {
	if i.slot == nil {
		return
	}
	for _, k := range i.slot.Keys {
		at := i.slot.Kind + " " + k
		e.slots[at] = slices.DeleteFunc(e.slots[at], func(other *instance) bool { return other == i })
		for _, other := range e.slots[at] {
			if other.slot.Conflicts(*i.slot) && i.slot.Loses && other.slot.Holds == i.slot.Holds {
				e.lost = append(e.lost, fmt.Sprintf("%s lost %s when %s was deleted", other.name(), other.slot, i.name()))
			}
		}
	}
	i.slot = nil
}

func (i *instance) name() string { return i.stack.name + "/" + i.logicalID }

// made gives a new physical resource its id. The lock is held.
func (e *Engine) made(i *instance) {
	typ := i.typ[strings.LastIndex(i.typ, ":")+1:]
	i.physical = strings.ToLower(typ) + "-" + hex(e.next())
	switch {
	case i.typ == "AWS::EC2::VPNConnection": // people type this one
		i.physical = "vpn-" + hex(e.next())
	case i.typ == "AWS::SSM::Parameter" && i.properties["Name"] != "":
		i.physical = i.properties["Name"]
	}
	i.modified = e.now()
}

func hex(n int) string { return fmt.Sprintf("%08x", n) }
