//go:build !race && unix

package cdkx

import (
	"os"

	"github.com/aws/jsii-runtime-go"
	"golang.org/x/sys/unix"
)

// Close stops Node.js and removes its temporary folder. It must be the last act of a program: jsii-runtime-go 1.139.0
// waits for its child twice, and the loser prints "waitid: no child processes", so standard error goes to /dev/null.
func Close() {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		_ = unix.Dup2(int(null.Fd()), 2)
	}
	jsii.Close()
}
