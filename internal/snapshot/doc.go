// Package snapshot compares the templates of a cloud assembly with those of an earlier one that were kept in a folder, and
// says what CloudFormation would make of the difference. It reads files only; whoever synthesizes is somebody else.
package snapshot
