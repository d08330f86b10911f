package cdkx

// Sub is Fn::Sub of a text, for L1 properties and policies that take any value.
func Sub(text string) map[string]any { return map[string]any{"Fn::Sub": text} }
