// Package vpnwatch holds what the parts that watch a site's VPN agree on: the metrics and the patterns of log lines that they are
// made from, what an alarm says to people, and the check of learned prefixes against a site's contract. Constructs write it
// into templates, functions read it at run time. It is pure.
package vpnwatch
