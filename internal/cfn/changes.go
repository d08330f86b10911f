package cfn

// ID names a resource the way CloudFormation does.
type ID struct{ Stack, LogicalID string }

func (id ID) String() string { return id.Stack + "/" + id.LogicalID }

// Changes is what a deployment of all stacks in order would do, where it would fail, and what it would leave behind.
type Changes struct {
	// Resources are those that do not stay: by stack in the order of deployment, then by logical id.
	Resources []*Change
	// Moves are pairs of a deletion and a creation that are one thing to people. Both are in Resources as well, unless
	// the deletion is in an orphan.
	Moves []Move
	// Collisions are slots that are taken while their earlier holder still lives, in the order of deployment.
	Collisions []Collision
	// Broken are exports that would go or change while a stack still imports them, in the order of deployment.
	Broken []BrokenExport
	// Orphans are stacks that are in the state before only, in its order. Nothing deletes them by itself.
	Orphans []string
}

// Action is what happens to a resource. One that is updated in place, or not at all, has no Change.
type Action string

// The actions.
const (
	Create  Action = "create"
	Delete  Action = "delete"
	Replace Action = "replace"
	// Refuse is a change that CloudFormation answers with an error: of the type under one logical id (Causes is empty
	// then), or of a property that nothing may change.
	Refuse Action = "refuse"
)

// Change is what happens to one resource.
type Change struct {
	ID
	Action        Action
	Before, After *Resource // nil when it is not there
	// Maybe says that a replacement depends on conditions: of a property, or of the replacement it follows.
	Maybe bool
	// Retained says that the old resource stays behind in the account, with its slot.
	Retained bool
	// Causes of Replace and Refuse, sorted by property.
	Causes []Cause
}

// Type is the type that the resource has, or had.
func (c *Change) Type() string {
	if c.After != nil {
		return c.After.Type
	}
	return c.Before.Type
}

// Cause is a property whose change replaces a resource.
type Cause struct {
	Property string
	Old, New string // canonical; equal when the value only follows another resource
	// Follows is the resource whose replacement, or whose new attribute, changes the value; zero if the value says
	// something else.
	Follows ID
	Maybe   bool
}

// Move is a resource under another logical id or in another stack: the old one is deleted and a new one created.
type Move struct {
	From, To ID
	Type     string
	// By is what says that it is the same: its Name, or the slot it holds.
	By string
}

// Collision is a slot that passes from one resource to another in a way that CloudFormation cannot do at once.
type Collision struct {
	Slot     Slot
	Old, New ID // equal when a resource is in the way of its own replacement
	// Maybe says that it depends: on a conditional replacement, or on the order of two changes in one stack.
	Maybe bool
	// Lost says that creating the new holder succeeds, and that deleting the old one then takes the slot away from it.
	Lost bool
	// Stays says that the old holder is not about to leave: it is retained, in an orphan, or in the new state as well.
	Stays bool
}

// SameStack reports whether both holders are in one stack.
func (c Collision) SameStack() bool { return c.Old.Stack == c.New.Stack }

// BrokenExport is an export that a deployment in order would drop or change while another stack imports it.
// CloudFormation answers "Export ... cannot be deleted (or updated) as it is in use by ...".
type BrokenExport struct {
	Of       string // the exported value, STACK/ID or STACK/ID.Attribute
	Producer ID
	Consumer ID // a resource or an output
	Reason   Reason
	Maybe    bool // the replacement of the producer depends on conditions
	// ConsumerFirst says that deploying the consumer's stack alone first helps: it needs nothing that is new.
	ConsumerFirst bool
}

// Reason is why an export breaks.
type Reason string

// The reasons.
const (
	Unused    Reason = "unused"    // nobody imports it in the new state, so CDK leaves the export out
	Deleted   Reason = "deleted"   // its resource goes
	Replaced  Reason = "replaced"  // its resource is replaced, so its value changes
	Attribute Reason = "attribute" // its resource stays, but this attribute changes
)
