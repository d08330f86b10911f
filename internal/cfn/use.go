package cfn

import "iter"

// producer is the resource that the value is of.
func (u Use) producer() key {
	r, _ := parseReference("{" + u.Of + "}")
	return r.resource()
}

// uses are the uses of everything in the stack, with what uses them: a logical id or the name of an output.
func (s *Stack) uses() iter.Seq2[Use, string] {
	return func(yield func(Use, string) bool) {
		for _, r := range s.Resources {
			for _, u := range r.Uses {
				if !yield(u, r.LogicalID) {
					return
				}
			}
		}
		for _, o := range s.Outputs {
			for _, u := range o.Uses {
				if !yield(u, o.Name) {
					return
				}
			}
		}
	}
}
