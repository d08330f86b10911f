package cdkx

// List is an L1 property of type list from Go strings or tokens: some L1 lists are *[]interface{}, and CDK for Go
// does not convert.
func List[T any](items ...T) *[]interface{} {
	out := make([]interface{}, len(items))
	for i, x := range items {
		out[i] = x
	}
	return &out
}
