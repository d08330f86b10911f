package clientvpn

import (
	"math"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/machine"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/pki"
)

// AlarmsProps configures Alarms.
type AlarmsProps struct {
	// Name is the endpoint's name, for people. Required.
	Name string
	// CertificateArn is its certificate in ACM, in this Region. Required.
	CertificateArn *string
	// ValidityDays is how long a certificate is good, 7 to 825: the same as PKIProps.ValidityDays.
	// Default: 90.
	ValidityDays int
	// TopicArn is the SNS topic of this Region that the alarm tells.
	// Default: none; it is only shown.
	TopicArn *string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p AlarmsProps) Validate() error {
	var f cdkx.Fields
	if p.Name == "" {
		f.Addf("name", "missing; name the endpoint")
	}
	machine.RequireText(&f, "certificateArn", p.CertificateArn, "give that of an Endpoint")
	if p.ValidityDays != 0 && (p.ValidityDays < 7 || p.ValidityDays > 825) {
		f.Addf("validityDays", "out of range, got %d; use 7 to 825", p.ValidityDays)
	}
	return f.Err()
}

// Alarms says when the certificate of an endpoint was not renewed in time. ACM writes the metric twice a day.
type Alarms struct {
	constructs.Construct
	ends awscloudwatch.CfnAlarm
}

// NewAlarms defines the alarm of an endpoint in scope. It panics if props are invalid; call Validate first.
func NewAlarms(scope constructs.Construct, id string, props *AlarmsProps) *Alarms {
	if props == nil {
		props = &AlarmsProps{}
	}
	cdkx.MustBeValid(scope, id, props.Validate())
	a := &Alarms{}
	constructs.NewConstruct_Override(a, scope, &id)
	a.ends = cdkx.NewAlarm(a, naming.CertificateAlarm, cdkx.Alarm{Description: "The certificate of Client VPN " + props.Name + " was not renewed in time; when it has ended nobody gets in",
		Namespace: "AWS/CertificateManager", Metric: "DaysToExpiry", Dimensions: map[string]*string{"CertificateArn": props.CertificateArn}, Statistic: "Minimum",
		Operator: "LessThanThreshold", Threshold: props.lateDays(), Days: 1, Missing: "ignore", TopicArn: props.TopicArn})
	return a
}

// lateDays is how many whole days before the end it is certain that the schedule has not renewed the certificate for a day.
func (p AlarmsProps) lateDays() float64 {
	life := pki.ServerLife
	if p.ValidityDays != 0 {
		life = time.Duration(p.ValidityDays) * 24 * time.Hour
	}
	return math.Floor((pki.RenewServer(life) - 24*time.Hour).Hours() / 24)
}

// CertificateEnds returns the alarm.
func (a *Alarms) CertificateEnds() awscloudwatch.CfnAlarm { return a.ends }
