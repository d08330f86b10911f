package cdkx

import "github.com/aws/constructs-go/constructs/v10"

// Namespace returns the child of scope with this id, defining it if it is not there: a construct that only gives its
// children a path.
func Namespace(scope constructs.Construct, id string) constructs.Construct {
	if there := scope.Node().TryFindChild(&id); there != nil {
		return there.(constructs.Construct)
	}
	return constructs.NewConstruct(scope, &id)
}
