// Package replacement has AWS replace one tunnel of a VPN connection on purpose, and measures what traffic feels of it. It
// examines first whether that is safe: the other tunnel has to carry everything meanwhile. Once AWS has begun there is no way
// back; all that is left is to watch.
package replacement
