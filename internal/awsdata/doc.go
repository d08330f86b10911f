// Package awsdata holds the facts about AWS that planning needs and no API may be asked for: Regions and their
// Availability Zone IDs, where Regions are, default service quotas, and the fixed numbers of Site-to-Site VPN.
// Each table names its source. The package imports no AWS SDK and reads no network, so a plan is the same everywhere.
package awsdata
