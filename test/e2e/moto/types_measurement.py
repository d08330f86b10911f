"""What watches a network: schedules, who may invoke, alarms and dashboards."""
from registry import Type, gone, pairs


class Rule(Type):
    name = "AWS::Events::Rule"
    properties = "Description Name ScheduleExpression State Targets"
    mutable = "Description ScheduleExpression State"

    def create(self, c, p):
        pid = p.get("Name") or c.name()
        self.update(c, pid, {}, p)
        c.client("events").put_targets(Rule=pid, Targets=p["Targets"])
        return pid

    def update(self, c, pid, old, new):
        c.client("events").put_rule(Name=pid, **{k: new[k] for k in self.mutable.split() if k in new})

    def delete(self, c, pid, p):
        c.client("events").remove_targets(Rule=pid, Ids=[t["Id"] for t in p["Targets"]])
        c.client("events").delete_rule(Name=pid)

    def tag(self, c, pid, old, new):
        arn = self.attribute(c, pid, {}, "Arn")
        c.client("events").tag_resource(ResourceARN=arn, Tags=pairs(new))
        c.client("events").untag_resource(ResourceARN=arn, TagKeys=gone(old, new))

    def attribute(self, c, pid, p, name):
        return c.client("events").describe_rule(Name=pid)[name]


class Permission(Type):
    name = "AWS::Lambda::Permission"
    properties = "Action FunctionName Principal SourceArn"
    tagged = False

    def create(self, c, p):
        pid = c.name(100)
        c.client("lambda").add_permission(StatementId=pid, **p)
        return pid

    def delete(self, c, pid, p):
        c.client("lambda").remove_permission(FunctionName=p["FunctionName"], StatementId=pid)


class Alarm(Type):
    name = "AWS::CloudWatch::Alarm"
    mutable = ("AlarmActions AlarmDescription ComparisonOperator DatapointsToAlarm Dimensions EvaluationPeriods MetricName Namespace "
               "OKActions Period Statistic Threshold TreatMissingData")
    properties = mutable + " AlarmName"

    def create(self, c, p):
        pid = p.get("AlarmName") or c.name(255)
        self.update(c, pid, {}, p)
        return pid

    def update(self, c, pid, old, new):
        c.client("cloudwatch").put_metric_alarm(**{**new, "AlarmName": pid})

    def delete(self, c, pid, p):
        c.client("cloudwatch").delete_alarms(AlarmNames=[pid])

    def tag(self, c, pid, old, new):
        arn = f"arn:aws:cloudwatch:{c.region}:{c.account}:alarm:{pid}"
        c.client("cloudwatch").tag_resource(ResourceARN=arn, Tags=pairs(new))
        c.client("cloudwatch").untag_resource(ResourceARN=arn, TagKeys=gone(old, new))


class Dashboard(Type):
    name = "AWS::CloudWatch::Dashboard"
    properties = "DashboardBody DashboardName"
    mutable = "DashboardBody"
    tagged = False

    def create(self, c, p):
        pid = p.get("DashboardName") or c.name(255)
        self.update(c, pid, {}, p)
        return pid

    def update(self, c, pid, old, new):
        c.client("cloudwatch").put_dashboard(DashboardName=pid, DashboardBody=new["DashboardBody"])

    def delete(self, c, pid, p):
        c.client("cloudwatch").delete_dashboards(DashboardNames=[pid])
