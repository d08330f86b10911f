package stacks

import "regexp"

var notAlphanumeric = regexp.MustCompile(`[^A-Za-z0-9]`)

// outputName is the logical id of an output, which has letters and digits only. The revision keeps names apart that
// differ in other characters alone, since it covers what they stand for.
func outputName(name, revision string) string {
	return notAlphanumeric.ReplaceAllString(name, "") + revision
}
