// Package registry keeps what a PKI has made: the authority's certificate, a register of every certificate it issued, and
// the revocation list, as objects with conditional writes; and its one shared secret, the tls-crypt-v2 server key.
//
// Every certificate is in the register before anyone gets it, so that all of a user's can be revoked. A change reads the
// register, changes it and writes it if nobody else did in between, or begins again: two people may add and revoke users at
// the same time. The revocation list follows from the register. Its number is the register's revision, and a list never
// replaces one with a higher number.
//
// Objects in S3 and not parameters in SSM: a list takes about 40 bytes a revoked certificate and an entry of the register
// 200, and a parameter ends at 4 KB, or 8 KB for money. S3 has conditional writes, and a server's role reads two objects.
package registry
