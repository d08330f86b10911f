package cfn

// Stack is one stack of a state that is compared. Its name is unique among the stacks of that state.
type Stack struct {
	Name    string
	Region  string // empty when it is not known; then it is taken to be the same as any other
	Account string // likewise
	// Resources are sorted by LogicalID.
	Resources []*Resource
	// Outputs are sorted by Name. A plan need not have any: an export that somebody imports is taken to exist.
	Outputs []*Output
}

// Resource is what matters of a resource for comparing two states.
type Resource struct {
	LogicalID string
	Type      string
	Name      string // what people call it; empty when it is read from a template
	// Properties holds the canonical values of the watched properties (see Watched) that the resource has.
	Properties map[string]string
	// DeletionPolicy and UpdateReplacePolicy are as in the template; empty stands for CloudFormation's default.
	DeletionPolicy      string
	UpdateReplacePolicy string
	// Uses are the values of other stacks that stand anywhere in the resource, sorted.
	Uses []Use
}

// Use is a value of another stack.
type Use struct {
	// Of is the canonical value without its braces: STACK/ID or STACK/ID.Attribute.
	Of string
	// Strong says that it passes by Fn::ImportValue: CloudFormation keeps the export from changing while it is in use.
	// A weak one passes by Fn::GetStackOutput, which nothing protects.
	Strong bool
}

// Output is an output of a stack, as read from a template.
type Output struct {
	Name   string
	Export string // the canonical name of its export; empty when it is not exported
	Value  string // canonical
	Uses   []Use
}

// key is the identity of a resource for CloudFormation.
type key struct{ stack, id string }

// ID is the key as others see it.
func (k key) ID() ID { return ID{k.stack, k.id} }

// Retained reports whether the template wants the resource to stay in the account, when it leaves its stack or when it is
// replaced.
func (r *Resource) Retained() bool {
	return retains(r.DeletionPolicy) || retains(r.UpdateReplacePolicy)
}

func retains(policy string) bool { return policy == "Retain" || policy == "RetainExceptOnCreate" }
