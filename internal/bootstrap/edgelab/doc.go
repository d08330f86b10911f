// Package edgelab runs edge proxies as internal/bootstrap renders them: the files of the user data, its boot steps, and
// real nginx, in a network of one machine with an origin whose addresses change. It has tests only.
//
// It works on Linux as root, with iproute2, /dev/net/tun and Debian's nginx. An nginx that follows names itself comes from
// Debian's mirror, unpacked beside the system's.
package edgelab
