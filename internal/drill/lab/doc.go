// Package lab drills the failure of VPN tunnels on one machine, with real daemons: a customer gateway exactly as
// internal/gateway renders it, two IPsec tunnels, and a stand-in for AWS's end (strongSwan and BIRD with the parameters
// that AWS documents). What holds here need not hold at AWS; reports say who plays whom.
//
//	lan 192.168.50.0/24 -- idc (the gateway) == two tunnels == tgw -- vpc 10.20.0.0/16
//
// Each [Cell] runs in a process of its own with its own network, mounts and process ids, so that nothing of it outlives
// that process, and files are at the places they have in production. In the tier [Plain] the kernel at hand is enough: ESP
// is done by strongSwan's kernel-libipsec. In the tier [UML] that process boots user-mode Linux, whose kernel does ESP.
//
// It works on Linux as root.
package lab
