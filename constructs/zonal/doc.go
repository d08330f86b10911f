// Package zonal defines a service that has an address and a name in each Availability Zone.
package zonal
