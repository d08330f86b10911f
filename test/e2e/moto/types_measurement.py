"""What watches a network: schedules and other rules, who may invoke, metrics of logs, alarms, dashboards and who is told."""
import json

import journal
from registry import Type, client, gone, pairs


class Rule(Type):
    name = "AWS::Events::Rule"
    properties = "Description EventPattern Name ScheduleExpression State Targets"
    mutable = "Description EventPattern ScheduleExpression State"

    def create(self, c, p):
        pid = p.get("Name") or c.name()
        self.update(c, pid, {}, p)
        c.client("events").put_targets(Rule=pid, Targets=p["Targets"])
        return pid

    def update(self, c, pid, old, new):
        settings = {k: new[k] for k in self.mutable.split() if k in new}
        if "EventPattern" in settings:
            settings["EventPattern"] = json.dumps(settings["EventPattern"])
        c.client("events").put_rule(Name=pid, **settings)

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
    mutable = ("AlarmActions AlarmDescription ComparisonOperator DatapointsToAlarm Dimensions EvaluationPeriods MetricName Metrics Namespace "
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


class MetricFilter(Type):
    name = "AWS::Logs::MetricFilter"
    properties = "FilterName FilterPattern LogGroupName MetricTransformations"
    mutable = "FilterPattern MetricTransformations"
    tagged = False

    def create(self, c, p):
        pid = p.get("FilterName") or c.name(512)
        self.update(c, pid, {}, p)
        return pid

    def update(self, c, pid, old, new):
        c.client("logs").put_metric_filter(logGroupName=new["LogGroupName"], filterName=pid, filterPattern=new["FilterPattern"],
                                           metricTransformations=[self.renamed(t) for t in new["MetricTransformations"]])

    def renamed(self, transformation):
        """A transformation under the names that CloudWatch Logs' own API has; the client refuses others."""
        t = {k[0].lower() + k[1:]: v for k, v in transformation.items()}
        if "dimensions" in t:
            t["dimensions"] = {d["Key"]: d["Value"] for d in t["dimensions"]}
        return t

    def delete(self, c, pid, p):
        c.client("logs").delete_metric_filter(logGroupName=p["LogGroupName"], filterName=pid)


class SlackChannelConfiguration(Type):
    """moto has no API for chat applications: what one was given is in the journal."""
    name = "AWS::Chatbot::SlackChannelConfiguration"
    properties = ("ConfigurationName GuardrailPolicies IamRoleArn LoggingLevel SlackChannelId SlackWorkspaceId SnsTopicArns UserRoleRequired")
    mutable = "GuardrailPolicies IamRoleArn LoggingLevel SlackChannelId SnsTopicArns UserRoleRequired"

    def create(self, c, p):
        pid = f"arn:aws:chatbot::{c.account}:chat-configuration/slack-channel/{p['ConfigurationName']}"
        self.update(c, pid, {}, p)
        return pid

    def update(self, c, pid, old, new):
        for arn in new["SnsTopicArns"]:
            client("sns", arn.split(":")[3]).get_topic_attributes(TopicArn=arn)
        c.client("iam").get_role(RoleName=new["IamRoleArn"].rsplit("/", 1)[-1])
        journal.write("slack channel", id=pid, properties={k: v for k, v in new.items() if k != "Tags"})

    def delete(self, c, pid, p):
        journal.write("slack channel", id=pid, properties=None)

    def tag(self, c, pid, old, new):
        pass
