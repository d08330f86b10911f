"""Buckets and repositories: flow logs, and what `cdk bootstrap` makes."""
import json

from registry import Type, pairs


class Bucket(Type):
    name = "AWS::S3::Bucket"
    properties = ("AccessControl BucketEncryption BucketName LifecycleConfiguration OwnershipControls PublicAccessBlockConfiguration "
                  "VersioningConfiguration")

    def create(self, c, p):
        s3, pid = c.client("s3"), p.get("BucketName") or c.name(63).lower()
        s3.create_bucket(Bucket=pid, CreateBucketConfiguration={"LocationConstraint": c.region})
        if "VersioningConfiguration" in p:
            s3.put_bucket_versioning(Bucket=pid, VersioningConfiguration=p["VersioningConfiguration"])
        if "PublicAccessBlockConfiguration" in p:
            s3.put_public_access_block(Bucket=pid, PublicAccessBlockConfiguration=p["PublicAccessBlockConfiguration"])
        if "OwnershipControls" in p:
            s3.put_bucket_ownership_controls(Bucket=pid, OwnershipControls=p["OwnershipControls"])
        if "BucketEncryption" in p:
            rules = [{"ApplyServerSideEncryptionByDefault": r["ServerSideEncryptionByDefault"]}
                     for r in p["BucketEncryption"]["ServerSideEncryptionConfiguration"]]
            s3.put_bucket_encryption(Bucket=pid, ServerSideEncryptionConfiguration={"Rules": rules})
        if "LifecycleConfiguration" in p:
            s3.put_bucket_lifecycle_configuration(Bucket=pid, LifecycleConfiguration={"Rules": [self.rule(r) for r in p["LifecycleConfiguration"]["Rules"]]})
        return pid

    def rule(self, r):
        """A lifecycle rule under S3's names; the client refuses names that it does not know."""
        renamed = {k: v for k, v in r.items() if k not in ("Id", "ExpirationInDays", "NoncurrentVersionExpiration")}
        if "Id" in r:
            renamed["ID"] = r["Id"]
        if "ExpirationInDays" in r:
            renamed["Expiration"] = {"Days": r["ExpirationInDays"]}
        if "NoncurrentVersionExpiration" in r:
            renamed["NoncurrentVersionExpiration"] = r["NoncurrentVersionExpiration"]
        return {"Filter": {"Prefix": ""}, **renamed}

    def delete(self, c, pid, p):
        c.client("s3").delete_bucket(Bucket=pid)

    def tag(self, c, pid, old, new):
        c.client("s3").put_bucket_tagging(Bucket=pid, Tagging={"TagSet": pairs(new)})

    def attribute(self, c, pid, p, name):
        known = {"Arn": f"arn:aws:s3:::{pid}", "RegionalDomainName": f"{pid}.s3.{c.region}.amazonaws.com"}
        return known[name] if name in known else super().attribute(c, pid, p, name)


class BucketPolicy(Type):
    name = "AWS::S3::BucketPolicy"
    properties = "Bucket PolicyDocument"
    mutable = "PolicyDocument"
    tagged = False

    def create(self, c, p):
        self.update(c, "", {}, p)
        return p["Bucket"]

    def update(self, c, pid, old, new):
        c.client("s3").put_bucket_policy(Bucket=new["Bucket"], Policy=json.dumps(new["PolicyDocument"]))

    def delete(self, c, pid, p):
        c.client("s3").delete_bucket_policy(Bucket=p["Bucket"])


class Repository(Type):
    name = "AWS::ECR::Repository"
    properties = "ImageTagMutability LifecyclePolicy RepositoryName RepositoryPolicyText"

    def create(self, c, p):
        ecr, pid = c.client("ecr"), p["RepositoryName"]
        ecr.create_repository(repositoryName=pid, imageTagMutability=p["ImageTagMutability"])
        ecr.put_lifecycle_policy(repositoryName=pid, lifecyclePolicyText=p["LifecyclePolicy"]["LifecyclePolicyText"])
        ecr.set_repository_policy(repositoryName=pid, policyText=json.dumps(p["RepositoryPolicyText"]))
        return pid

    def delete(self, c, pid, p):
        c.client("ecr").delete_repository(repositoryName=pid)

    def tag(self, c, pid, old, new):
        c.client("ecr").tag_resource(resourceArn=self.attribute(c, pid, {}, "Arn"), tags=pairs(new))

    def attribute(self, c, pid, p, name):
        return f"arn:aws:ecr:{c.region}:{c.account}:repository/{pid}" if name == "Arn" else super().attribute(c, pid, p, name)
