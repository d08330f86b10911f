// Package clientprofile adds and revokes the users of a PKI, and hands out their profiles.
//
// A user's key is made where the program runs and goes into one secret, from which the profile can be fetched again; it is in
// no register, log or error. Every operation may run any number of times and may be interrupted anywhere: running it again
// finishes it. Several people may run them at the same time.
package clientprofile
