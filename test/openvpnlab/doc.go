// Package openvpnlab runs real OpenVPN servers and clients on one machine: servers are whole Debian systems that boot, under
// systemd-nspawn, with the user data that a deployment would give them, in network namespaces joined by cables that delay
// packets. It is all tests.
//
// The stand-ins, all in this package: the root file system of the machine that runs the tests for Debian's image; a script for
// the AWS CLI; a small server for the instance's metadata; a route for the association of an Elastic IP address.
package openvpnlab
