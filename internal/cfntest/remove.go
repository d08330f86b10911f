package cfntest

import (
	"iter"
	"slices"

	"github.com/pathproof/pathproof/internal/cfn"
)

// Policies of a template.
const (
	retain               = "Retain"
	retainExceptOnCreate = "RetainExceptOnCreate"
)

// remove deletes resources and returns the ids of those that could not be deleted. undoing says that they are those that the
// operation itself created.
func (o *operation) remove(list iter.Seq2[int, *instance], undoing bool) (failed []string) {
	for _, i := range list {
		if o.retains(i, undoing) {
			o.skip(i)
			continue
		}
		if err := o.act(i.logicalID, i.typ, i.physical, Delete, undoing, func() (string, error) {
			o.engine.release(i)
			o.forget(i)
			return i.physical, nil
		}); err != nil {
			failed = append(failed, i.logicalID)
		}
	}
	return failed
}

// retains reports whether a policy keeps a resource. A replaced one is kept by UpdateReplacePolicy.
func (o *operation) retains(i *instance, undoing bool) bool {
	policy := i.deletion
	if slices.Contains(o.replaced, i) {
		policy = i.replace
	}
	return policy == retain || policy == retainExceptOnCreate && !undoing
}

// skip leaves a resource behind, outside any stack.
func (o *operation) skip(i *instance) {
	o.engine.mu.Lock()
	defer o.engine.mu.Unlock()
	o.stack.event(o.engine, i.logicalID, i.physical, i.typ, "DELETE_SKIPPED", "")
	o.forget(i)
}

// forget takes a resource out of its stack, unless another one has its place. The lock is held.
func (o *operation) forget(i *instance) {
	if o.stack.resources[i.logicalID] == i {
		delete(o.stack.resources, i.logicalID)
	}
}

func named(id string) func(*cfn.Resource) bool {
	return func(r *cfn.Resource) bool { return r.LogicalID == id }
}
