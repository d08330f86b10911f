// Package vpn reads, and on request replaces, the tunnels of Site-to-Site VPN connections as they are deployed.
//
// Connections are found through the stack of their site, so nobody has to write an id down and a connection of somebody else
// is never touched. A tunnel is known by its inside CIDR, because EC2 promises no order. Pre-shared keys are fetched only by
// Client.Keys, at the moment when they are needed, and never leave it but as secret.Text: answers of EC2 that may hold keys
// (CustomerGatewayConfiguration, PreSharedKey) are dropped in the function that got them.
package vpn
