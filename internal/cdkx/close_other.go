//go:build race || !unix

package cdkx

// Close does nothing here: jsii.Close races with its own goroutine, which fails every run under the race detector.
// Node.js ends by itself when its standard input closes.
func Close() {}
