package topology

import "github.com/pathproof/pathproof/internal/problem"

// adopt checks that the id of an existing resource stands once: two names for one resource would be planned as two, and
// what one of them may reach the other would reach too.
func (b *builder) adopt(path, id string) {
	if id == "" {
		return
	}
	if other, dup := b.adopted[id]; dup {
		b.addf(problem.Conflict, path, "an id stands twice, got %s here and at %s; give one resource one name", id, other)
		return
	}
	b.adopted[id] = path
}
