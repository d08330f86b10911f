// Package vpntest plays the AWS that internal/vpn looks at, for tests of programs: the APIs of EC2 and Secrets Manager that
// concern VPN connections, on top of internal/cfntest's server, so that the AWS SDK really signs, sends and parses. What it
// knows of the answers is from EC2's API model; that AWS fills them the same way only an account can show.
package vpntest
