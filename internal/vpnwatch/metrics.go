package vpnwatch

// Namespace holds the metrics of VPNs that AWS does not give by itself.
const Namespace = "Pathproof/VPN"

// Metrics and their dimensions.
const (
	// MetricBGPDown counts log lines of a tunnel whose BGP session is not up, with the dimension Tunnel.
	MetricBGPDown = "BgpDown"
	// MetricUnexpected counts prefixes that a site announces beyond its contract, MetricMissing those of the contract that it
	// does not announce; both with the dimensions Network and Site.
	MetricUnexpected = "UnexpectedPrefixes"
	MetricMissing    = "MissingPrefixes"

	DimensionTunnel  = "Tunnel"
	DimensionNetwork = "Network"
	DimensionSite    = "Site"
)

// MetricIKEDown is the name of the metric that counts log lines of a site whose IKE is not up. AWS's activity log says in no
// field which tunnel a line is about (it stands in the name of the log stream, which a metric filter does not see), so the
// metric is one of the site, and the name says which.
func MetricIKEDown(network, site string) string { return "IkeDown-" + network + "-" + site }

// TunnelOf is the value of the dimension Tunnel: the field resource_id of AWS's BGP log.
func TunnelOf(vpnConnection, outsideIP string) string { return vpnConnection + "_" + outsideIP }

// The fields and values are those of the AWS Site-to-Site VPN User Guide, "AWS Site-to-Site VPN logs". CloudWatch compares
// texts exactly, and the guide writes the states of IKE with a capital where users have posted lines without one: both count.
const (
	// BGPDownPattern matches lines of the BGP log that tell of a session that is not established: that it was lost, and every
	// try to establish it.
	BGPDownPattern = `{ ($.type = "BGPStatus") && ($.status = "DOWN") }`
	// BGPTunnelField is what tells tunnels apart in the BGP log, as a metric filter takes it.
	BGPTunnelField = "$.resource_id"
	// IKEDownPattern matches lines of the activity log that tell of a tunnel without IKE or IPsec, and of dead peer detection
	// that gave up, whose line may still have the state before.
	IKEDownPattern = `{ ($.ike_phase1_state = "Down") || ($.ike_phase1_state = "down") || ($.ike_phase2_state = "Down") || ` +
		`($.ike_phase2_state = "down") || ($.details = "*DPD timed out*") || ($.details = "*Declaring peer dead*") }`
)
