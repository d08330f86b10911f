"""Zonal autoshift of Amazon Application Recovery Controller (ARC), which moto does not have: one configuration for each resource."""
from moto.elbv2.models import elbv2_backends

from service import Fault, Service, account_of


class ZonalShift(Service):
    name, region = "arc-zonal-shift", ""
    arn = r"/configuration/(?P<resourceIdentifier>.+)"
    routes = (("POST", "/configuration", "CreatePracticeRunConfiguration"), ("PATCH", arn, "UpdatePracticeRunConfiguration"),
              ("DELETE", arn, "DeletePracticeRunConfiguration"), ("PUT", r"/managedresources/(?P<resourceIdentifier>.+)", "UpdateZonalAutoshiftConfiguration"),
              ("GET", r"/managedresources/(?P<resourceIdentifier>.+)", "GetManagedResource"))
    practice = ("blockedDates", "blockedWindows", "allowedWindows", "blockingAlarms", "outcomeAlarms")

    def __init__(self):
        self.held = {}

    def there(self, arn):
        balancer = elbv2_backends[account_of(None)][arn.split(":")[3]].load_balancers.get(arn)
        if balancer is None:
            raise Fault("ResourceNotFoundException", f"{arn} does not exist")
        if balancer.attrs.get("zonal_shift.config.enabled") != "true":
            raise Fault("ValidationException", f"{arn} does not take part in zonal shift")

    def create_practice_run_configuration(self, q):
        arn = q["resourceIdentifier"]
        self.there(arn)
        if arn in self.held:
            raise Fault("ConflictException", f"{arn} is configured already")
        if not q.get("outcomeAlarms"):
            raise Fault("ValidationException", "practice runs need an outcome alarm")
        self.held[arn] = {"arn": arn, "zonalAutoshiftStatus": "DISABLED", "practiceRunConfiguration": {k: q[k] for k in self.practice if k in q}}
        return self.held[arn]

    def update_practice_run_configuration(self, q):
        held = self.get_managed_resource(q)
        held["practiceRunConfiguration"].update({k: q[k] for k in self.practice if k in q})
        return held

    def delete_practice_run_configuration(self, q):
        if self.get_managed_resource(q)["zonalAutoshiftStatus"] == "ENABLED":
            raise Fault("ConflictException", f"zonal autoshift of {q['resourceIdentifier']} is enabled")
        return self.held.pop(q["resourceIdentifier"])

    def update_zonal_autoshift_configuration(self, q):
        held = self.get_managed_resource(q)
        held["zonalAutoshiftStatus"] = q["zonalAutoshiftStatus"]
        return {"resourceIdentifier": held["arn"], "zonalAutoshiftStatus": held["zonalAutoshiftStatus"]}

    def get_managed_resource(self, q):
        if q["resourceIdentifier"] not in self.held:
            raise Fault("ResourceNotFoundException", f"{q['resourceIdentifier']} has no configuration")
        return self.held[q["resourceIdentifier"]]
