package cdkx

import (
	"fmt"
	"runtime"
)

// Catch runs fn and turns a panic of CDK or of a construct into an error that starts with where. CDK for Go reports
// every mistake by panic, some as an error and some as a string; an error stays reachable by errors.As. A runtime
// error (nil dereference, index out of range) is a bug of the program, not of its input, and goes on with its stack.
func Catch(where string, fn func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case runtime.Error:
			panic(r)
		case error:
			err = fmt.Errorf("%s: %w", where, r)
		default:
			err = fmt.Errorf("%s: %v", where, r)
		}
	}()
	fn()
	return nil
}
