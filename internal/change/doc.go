// Package change compares two plans of one network: what changes for a person who runs it (addresses, routes, attachments,
// paths, capacity, what is billed), what CloudFormation would replace or delete for that, and in which order stacks have to
// be deployed so that no step asks for what an earlier one still holds. It is pure: what is deployed is given to it.
package change
