// Package pki makes what the people and servers of one network prove themselves with: the certificate of its authority,
// server and client certificates, the revocation list, the keys of tls-crypt-v2, and the text of client profiles.
//
// It is pure: the time and the source of random bytes come in, and the authority's key is behind [Signer], because in
// production it is a key in KMS that nobody can read. Keys are on P-256 (ECDSA), or, for AWS Client VPN, which takes nothing
// else, of RSA with 2048 bits. All signatures are with SHA-256.
package pki
